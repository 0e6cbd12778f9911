//! The tutorial's module: a counter.
#![cfg_attr(target_arch = "wasm32", no_std)]

use playfair::prelude::*;

/// What the chain remembers.
#[playfair::storage]
pub struct Counter {
    total: Item<u64>,
    by_player: Map<AccountId, u64>,
}

/// Somebody counted.
#[playfair::event]
pub struct Counted {
    /// Who.
    pub by: AccountId,
    /// The total after it.
    pub total: u64,
}

/// Why counting was refused.
#[playfair::error]
pub enum CounterError {
    #[error("the step must be between 1 and 10")]
    BadStep,
}

/// Everybody counts together.
#[playfair::module(events(Counted))]
impl Counter {
    #[init]
    fn init(&mut self, start: u64) {
        self.total.set(&start);
    }

    /// Adds `step` to the total, and returns it.
    #[call(0)]
    pub fn add(&mut self, ctx: &mut Context, step: u8) -> Result<u64, CounterError> {
        ensure!((1..=10).contains(&step), CounterError::BadStep);
        let step = u64::from(step);
        let total = self.total.get_or_default() + step;
        self.total.set(&total);
        self.by_player.update(&ctx.caller(), |mine| *mine += step);
        ctx.emit(Counted {
            by: ctx.caller(),
            total,
        });
        Ok(total)
    }

    /// The total.
    #[query(0)]
    pub fn total(&self) -> u64 {
        self.total.get_or_default()
    }

    /// What one player has added.
    #[query(1)]
    pub fn added_by(&self, player: AccountId) -> u64 {
        self.by_player.get_or_default(&player)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair::testing::{Chain, Failure};

    /// A chain whose counter starts at 10.
    fn chain() -> Chain<Counter> {
        let mut chain = Chain::<Counter>::new();
        chain.genesis().init(10).unwrap();
        chain
    }

    #[test]
    fn steps_add_up() {
        let mut chain = chain();
        let (alice, bob) = (chain.account("alice"), chain.account("bob"));
        assert_eq!(chain.by(alice).add(3), Ok(13));
        assert_eq!(chain.by(bob).add(10), Ok(23));
        assert_eq!(chain.events::<Counted>(), [Counted { by: bob, total: 23 }]);
        assert_eq!(chain.view().total(), 23);
        assert_eq!(chain.view().added_by(alice), 3);
    }

    #[test]
    fn a_step_has_bounds() {
        let mut chain = chain();
        let alice = chain.account("alice");
        for step in [0, 11] {
            assert_eq!(
                chain.by(alice).add(step),
                Err(Failure::Reverted(CounterError::BadStep))
            );
        }
        assert_eq!(chain.view().total(), 10, "a refused call changes nothing");
    }
}
