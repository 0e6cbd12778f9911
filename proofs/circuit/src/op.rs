//! What an instruction does, by its flags: the names that docs/CIRCUIT.md gives them.

use playfair_proofs_isa::code::Flags;

/// An operation: one primary flag and, for four of them, at most one secondary flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// No flag: the result is free.
    Hint,
    /// Integer arithmetic.
    Arith,
    /// Field arithmetic.
    Farith,
    /// Whether a linear form is zero.
    Eq,
    /// One of two values.
    Select,
    /// And, or, xor.
    Logic,
    /// Quotient and remainder.
    Div,
    /// Values into the state of Poseidon.
    Pin,
    /// Base and size of the run's memory.
    SetMem,
    /// A call.
    Call,
    /// A call through the table.
    CallI,
    /// The return.
    Ret,
    /// Counts frame slots and limits them.
    Enter,
    /// A computed jump.
    Dyn,
    /// The end of a module's run, wherever it is.
    Exit,
    /// Reads the gas or lane 0 of Poseidon.
    GetS,
    /// Charges a computed price.
    GasD,
    /// Sets the gas.
    SetGas,
    /// Any word.
    Hint64,
    /// Reads an absolute address.
    Raw,
    /// Looks up the auxiliary table.
    Aux,
    /// Reads a part of a word.
    LoadB,
    /// Reads a word.
    LoadW,
    /// Writes a part of a word.
    StoreB,
    /// Writes a word.
    StoreW,
    /// Reads the bytes of a word on one side of an offset.
    LoadP,
    /// Writes them.
    StoreP,
    /// Three values into the state of the curve.
    Cin,
    /// One value out of it.
    Cout,
    /// A full round, t = 6.
    P6F,
    /// Ten partial rounds, t = 6.
    P6P,
    /// A full round, t = 3.
    P3F,
    /// Ten partial rounds, t = 3.
    P3P,
    /// Seven partial rounds, t = 3.
    P3S,
    /// One bit of double and add.
    Curve,
    /// Initial memory.
    Mem,
}

impl Op {
    /// All operations.
    pub const ALL: [Self; 36] = [
        Self::Hint,
        Self::Arith,
        Self::Farith,
        Self::Eq,
        Self::Select,
        Self::Logic,
        Self::Div,
        Self::Pin,
        Self::SetMem,
        Self::Call,
        Self::CallI,
        Self::Ret,
        Self::Enter,
        Self::Dyn,
        Self::Exit,
        Self::GetS,
        Self::GasD,
        Self::SetGas,
        Self::Hint64,
        Self::Raw,
        Self::Aux,
        Self::LoadB,
        Self::LoadW,
        Self::StoreB,
        Self::StoreW,
        Self::LoadP,
        Self::StoreP,
        Self::Cin,
        Self::Cout,
        Self::P6F,
        Self::P6P,
        Self::P3F,
        Self::P3P,
        Self::P3S,
        Self::Curve,
        Self::Mem,
    ];

    /// The flags that name it: primary, and secondary if there is one.
    #[must_use]
    pub const fn flags(self) -> Flags {
        let (primary, secondary) = match self {
            Self::Hint => (Flags(0), Flags(0)),
            Self::Arith => (Flags::ARITH, Flags(0)),
            Self::Farith => (Flags::FARITH, Flags(0)),
            Self::Eq => (Flags::CMP, Flags::U0),
            Self::Select => (Flags::CMP, Flags::U1),
            Self::Logic => (Flags::CMP, Flags::U2),
            Self::Div => (Flags::CMP, Flags::U3),
            Self::Pin => (Flags::CMP, Flags::U4),
            Self::SetMem => (Flags::CMP, Flags::U5),
            Self::Call => (Flags::CTL, Flags::U0),
            Self::CallI => (Flags::CTL, Flags::U1),
            Self::Ret => (Flags::CTL, Flags::U2),
            Self::Enter => (Flags::CTL, Flags::U3),
            Self::Dyn => (Flags::CTL, Flags::U4),
            Self::Exit => (Flags::CTL, Flags::U5),
            Self::GetS => (Flags::SYS, Flags::U0),
            Self::GasD => (Flags::SYS, Flags::U1),
            Self::SetGas => (Flags::SYS, Flags::U2),
            Self::Hint64 => (Flags::SYS, Flags::U3),
            Self::Raw => (Flags::SYS, Flags::U4),
            Self::Aux => (Flags::SYS, Flags::U5),
            Self::LoadB => (Flags::MEMF, Flags::U0),
            Self::LoadW => (Flags::MEMF, Flags::U1),
            Self::StoreB => (Flags::MEMF, Flags::U2),
            Self::StoreW => (Flags::MEMF, Flags::U3),
            Self::LoadP => (Flags::MEMF, Flags::U4),
            Self::StoreP => (Flags::MEMF, Flags::U5),
            Self::Cin => (Flags::CMP, Flags(0)),
            Self::Cout => (Flags::SYS, Flags(0)),
            Self::P6F => (Flags::P6F, Flags(0)),
            Self::P6P => (Flags::P6P, Flags(0)),
            Self::P3F => (Flags::P3F, Flags(0)),
            Self::P3P => (Flags::P3P, Flags(0)),
            Self::P3S => (Flags::P3S, Flags(0)),
            Self::Curve => (Flags::CURVE, Flags(0)),
            Self::Mem => (Flags::MEM, Flags(0)),
        };
        primary.with(secondary)
    }

    /// The operation of an instruction; `None` if its flags name none or more than one.
    #[must_use]
    pub fn of(flags: Flags) -> Option<Self> {
        let modifiers = Flags::SA
            .with(Flags::SB)
            .with(Flags::SC)
            .with(Flags::DA)
            .with(Flags::GB)
            .with(Flags::GC)
            .with(Flags::BR)
            .with(Flags::M);
        let named = Flags(flags.0 & !modifiers.0);
        Self::ALL.into_iter().find(|op| op.flags() == named)
    }

    /// Whether it reads or leaves state in the limbs of this and the next row.
    #[must_use]
    pub fn is_micro(self) -> bool {
        self.is_poseidon() || matches!(self, Self::Pin | Self::Cin | Self::Cout | Self::Curve)
    }

    /// Whether it is a round of Poseidon.
    #[must_use]
    pub fn is_poseidon(self) -> bool {
        matches!(self, Self::P6F | Self::P6P | Self::P3F | Self::P3P | Self::P3S)
    }
}
