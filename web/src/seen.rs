//! Where calls were seen: in which certified blocks. Who denies such a call later, and still has the block, lies.

use std::cell::RefCell;
use std::collections::VecDeque;

/// Calls that are remembered, the last ones.
const SEEN_MAX: usize = 512;

/// Heights of calls by their ids.
#[derive(Debug, Default)]
pub struct Seen(RefCell<VecDeque<(String, u64)>>);

impl Seen {
    /// A call that was verified to be in the block of a height.
    pub fn saw(&self, id: &str, height: u64) {
        let mut seen = self.0.borrow_mut();
        seen.retain(|(known, _)| known != id);
        seen.push_back((id.to_owned(), height));
        if seen.len() > SEEN_MAX {
            seen.pop_front();
        }
    }

    #[must_use]
    pub fn height(&self, id: &str) -> Option<u64> {
        let seen = self.0.borrow();
        seen.iter()
            .find(|(known, _)| known == id)
            .map(|(_, height)| *height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_remembered() {
        let seen = Seen::default();
        for height in 0..=SEEN_MAX as u64 {
            seen.saw(&height.to_string(), height);
        }
        assert_eq!((seen.height("0"), seen.height("1")), (None, Some(1)));
        // Who is seen again stays.
        seen.saw("1", 1);
        seen.saw("new", 7);
        assert_eq!(
            (seen.height("1"), seen.height("2"), seen.height("new")),
            (Some(1), None, Some(7))
        );
    }
}
