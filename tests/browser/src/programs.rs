//! Programs for the module `modules/sink.wat`: steps, each an operation with four arguments, as a call's payload.

/// What a step does. The order is that of the module's `br_table`; host functions come first, in the order of
/// docs/HOST.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
#[allow(
    missing_docs,
    reason = "host functions and instructions under their own names"
)]
pub enum Op {
    Input,
    Output,
    Revert,
    Get,
    Set,
    Remove,
    Exists,
    Emit,
    Send,
    Caller,
    Value,
    ChainId,
    Height,
    Time,
    Randomness,
    Balance,
    Transfer,
    Withdraw,
    Poseidon2,
    Poseidon5,
    Log,
    /// Stores the words `b`, `c` at `a`.
    Poke,
    /// Loads the word at `a`.
    Peek,
    /// Grows memory by `a` pages.
    Grow,
    Copy,
    Fill,
    Trap,
    DivU,
    DivS,
    RemS,
    /// Calls table slot `a`: 0 and 1 are functions, 2 is one of another type, 3 and 4 are empty, 5 is none.
    Indirect,
    /// Recurses `a` deep.
    Dive,
    Forever,
    /// 64-bit arithmetic.
    Mix,
}

/// What an argument of an operation means, for choosing one.
#[derive(Clone, Copy)]
enum Kind {
    /// A place in memory.
    Place,
    /// A length that is at most this.
    Length(u32),
    /// A capacity: a multiple of 8.
    Capacity,
    /// A number below this.
    Below(u32),
    /// Any number.
    Any,
}

/// What random programs are made of: no operation that always ends the call.
const MIXED: &[(Op, &[Kind])] = {
    use Kind::{Any, Below, Capacity, Length, Place};
    &[
        (Op::Input, &[Place]),
        (Op::Output, &[Place, Length(1024)]),
        (Op::Get, &[Place, Length(64), Place, Capacity]),
        (Op::Set, &[Place, Length(64), Place, Length(600)]),
        (Op::Set, &[Below(1), Length(9), Place, Length(64)]),
        (Op::Get, &[Below(1), Length(9), Place, Capacity]),
        (Op::Remove, &[Below(1), Length(9)]),
        (Op::Exists, &[Below(1), Length(9)]),
        (Op::Emit, &[Below(0x1_0000), Place, Length(200)]),
        (Op::Send, &[Place, Place, Length(300)]),
        (Op::Caller, &[Place]),
        (Op::Value, &[Place]),
        (Op::ChainId, &[Place]),
        (Op::Height, &[]),
        (Op::Time, &[]),
        (Op::Randomness, &[Place]),
        (Op::Balance, &[Place, Place]),
        (Op::Transfer, &[Place, Place]),
        (Op::Withdraw, &[Place, Place]),
        (Op::Poseidon2, &[Place, Place]),
        (Op::Poseidon5, &[Place, Place]),
        (Op::Log, &[Place, Length(1024)]),
        (Op::Poke, &[Place, Any, Any]),
        (Op::Peek, &[Place]),
        (Op::Grow, &[Below(3)]),
        (Op::Copy, &[Place, Place, Length(2000)]),
        (Op::Fill, &[Place, Any, Length(500)]),
        (Op::DivS, &[Any, Any]),
        (Op::RemS, &[Any, Any]),
        (Op::Indirect, &[Below(2), Below(50)]),
        (Op::Dive, &[Below(200)]),
        (Op::Mix, &[Any, Any, Any, Any]),
    ]
};

/// A program.
#[derive(Clone, Debug, Default)]
pub struct Program(Vec<u8>);

impl Program {
    /// A program of one step.
    #[must_use]
    pub fn of(op: Op, arguments: &[u32]) -> Self {
        Self::default().then(op, arguments)
    }

    /// One more step. Missing arguments are 0.
    #[must_use]
    pub fn then(mut self, op: Op, arguments: &[u32]) -> Self {
        self.0.extend((op as u32).to_le_bytes());
        for index in 0..4 {
            let argument = arguments.get(index).copied().unwrap_or(0);
            self.0.extend(argument.to_le_bytes());
        }
        self
    }

    /// Steps that put bytes at `to`, zero-filled to whole words.
    #[must_use]
    pub fn poke(self, to: u32, bytes: &[u8]) -> Self {
        bytes
            .chunks(8)
            .zip((to..).step_by(8))
            .fold(self, |program, (chunk, at)| {
                let mut word = [0u8; 8];
                for (slot, byte) in word.iter_mut().zip(chunk) {
                    *slot = *byte;
                }
                let word = u64::from_le_bytes(word);
                program.then(Op::Poke, &[at, word as u32, (word >> 32) as u32])
            })
    }

    /// The payload of a call that runs it.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        self.0.clone()
    }

    /// A random program. Its arguments are mostly good ones and every now and then the worst. It begins by filling its
    /// scratch with a byte of which 32 are a field element, and 16 an amount that is not 0.
    #[must_use]
    pub fn random(random: &mut Random, steps: u32) -> Self {
        let start = Self::of(Op::Fill, &[0, 1 + random.below(0x30), 4096]);
        (0..steps).fold(start, |program, _| {
            let (op, kinds) = random.pick(MIXED);
            let arguments: Vec<_> = kinds.iter().map(|kind| random.argument(*kind)).collect();
            program.then(*op, &arguments)
        })
    }
}

/// SplitMix64: the same numbers everywhere for the same seed.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        (self.next() % u64::from(bound)) as u32
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let index = self.below(list.len() as u32) as usize;
        &list[index]
    }

    fn argument(&mut self, kind: Kind) -> u32 {
        /// Ends of memory and of numbers, and what lies just off them.
        const WORST: &[u32] = &[4, 131_064, 131_072, 196_608, 0x7fff_ffff, 0x8000_0000, u32::MAX];
        if self.below(120) == 0 {
            return *self.pick(WORST);
        }
        match kind {
            Kind::Place => 8 * self.below(512),
            Kind::Length(most) => match self.below(8) {
                0 => most,
                1 => 0,
                _ => self.below(most + 1),
            },
            Kind::Capacity => 8 * self.below(80),
            Kind::Below(bound) => self.below(bound),
            Kind::Any => match self.below(4) {
                0 => self.below(10),
                _ => self.next() as u32,
            },
        }
    }
}
