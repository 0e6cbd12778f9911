//! The confirmation ladder: what was checked, who could still cheat, what you hold.

/// A rung of the ladder, in order. `Predicted` is a page's own doing; L1's rung follows with settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// The module ran here, on verified values.
    Predicted,
    /// In a block that the committee certified.
    Sequenced,
    /// Validity proofs cover it from genesis on.
    Proven,
}

impl Rung {
    /// All of them, from below.
    pub const ALL: [Self; 3] = [Self::Predicted, Self::Sequenced, Self::Proven];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Predicted => "predicted",
            Self::Sequenced => "sequenced",
            Self::Proven => "proven",
        }
    }

    /// What was checked here.
    #[must_use]
    pub const fn checked(self) -> &'static str {
        match self {
            Self::Predicted => "This device ran the chain's own module on values that it had verified.",
            Self::Sequenced => {
                "The chain's committee signed the block that this stands in; this device verified the signature and the way from there."
            }
            Self::Proven => {
                "Validity proofs show that executing the chain's calls, from its first record on, gave exactly this; this device verified them."
            }
        }
    }

    /// Who could still cheat.
    #[must_use]
    pub const fn cheats(self) -> &'static str {
        match self {
            Self::Predicted => "Nobody has to order the call yet, and another one may come first.",
            Self::Sequenced => {
                "The committee: it could sign a second history, or an outcome that the rules do not give. Both would be evidence against it."
            }
            Self::Proven => {
                "Nobody about what the rules make of these calls. The committee chose their order, time and randomness, and could still show others another history, until one is settled on L1."
            }
        }
    }

    /// What you hold.
    #[must_use]
    pub const fn holds(self) -> &'static str {
        match self {
            Self::Predicted => "A good guess, made at once.",
            Self::Sequenced => "The committee's signature: its promise, which you can show to anybody.",
            Self::Proven => {
                "A proof that anybody can check without trusting the node or the committee's arithmetic."
            }
        }
    }
}
