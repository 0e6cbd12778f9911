//! Proving debt: what was executed and is not proven. Execution is a thousand times faster than proving, so a chain that
//! took every call would be proven in a year.
//!
//! The debt is counted in work (FORMATS.md section 11), which no segment's rows exceed. Up to a mark blocks are as large as
//! they may be; from there on they become smaller in proportion to what is left, and at the limit calls are refused. So
//! the limit is never passed, and players notice the queue before they are refused.

/// The debt of one chain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Debt {
    max: u64,
    /// From here on blocks become smaller.
    slow: u64,
    /// Work of everything up to the last proven block.
    proven: u64,
}

impl Debt {
    pub(crate) fn new(max: u64, slow_percent: u8) -> Self {
        let slow = u128::from(max) * u128::from(slow_percent.min(100)) / 100;
        Self {
            max,
            slow: u64::try_from(slow).unwrap_or(max),
            proven: 0,
        }
    }

    /// Proofs never become undone, and arrive in any order.
    pub(crate) fn proven(&mut self, work: u64) {
        self.proven = self.proven.max(work);
    }

    /// The debt at a block of this work.
    pub(crate) fn now(&self, work: u64) -> u64 {
        work.saturating_sub(self.proven)
    }

    /// Work that may be added in all.
    pub(crate) fn left(&self, work: u64) -> u64 {
        self.max.saturating_sub(self.now(work))
    }

    /// Work that the calls of the next block may add, of `most`.
    pub(crate) fn allowance(&self, work: u64, most: u64) -> u64 {
        let debt = self.now(work);
        let left = self.left(work);
        if debt <= self.slow {
            return most.min(left);
        }
        let scaled = u128::from(most) * u128::from(left) / u128::from((self.max - self.slow).max(1));
        u64::try_from(scaled).unwrap_or(most).min(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_shrink_before_the_limit_and_never_pass_it() {
        let mut debt = Debt::new(1_000, 75);
        assert_eq!(debt.allowance(0, 100), 100);
        assert_eq!(debt.allowance(750, 100), 100);
        assert_eq!(debt.allowance(875, 100), 50);
        assert_eq!(debt.allowance(1_000, 100), 0);
        let mut work = 0;
        for _ in 0..1_000 {
            work += debt.allowance(work, 100);
            assert!(debt.now(work) <= 1_000);
        }
        assert!(work > 990);
        debt.proven(500);
        assert_eq!(debt.now(work), work - 500);
        debt.proven(400);
        assert_eq!(debt.now(work), work - 500);
    }

    #[test]
    fn no_bound_is_no_bound() {
        let debt = Debt::new(u64::MAX, 75);
        assert_eq!(debt.allowance(u64::MAX / 2, 7), 7);
        assert_eq!(Debt::new(0, 75).allowance(0, 7), 0);
        assert_eq!(Debt::new(10, 100).allowance(9, 7), 1);
    }
}
