//! The columns by name, the limbs' widths and the shape of the table (docs/CIRCUIT.md, "Columns").

use crate::air::{Builder, Column, Expr, affine};
use crate::op::Op;
use playfair_proofs_isa::code::Flags;

/// Widths of the limbs that a 64-bit word is cut into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limbs {
    /// Bits of all limbs of a group but the last.
    pub bits: u32,
    /// How many limbs a group has.
    pub count: usize,
    /// Bits of the last.
    pub top: u32,
}

impl Limbs {
    /// The small family: six limbs, 12 bits each but the last, which has 4.
    pub const S: Self = Self {
        bits: 12,
        count: 6,
        top: 4,
    };
}

/// Rows of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The table has `2^k` rows.
    pub k: u32,
    /// How many of them the machine may use; the rest blinds.
    pub usable: usize,
}

impl Shape {
    /// A table of `2^k` rows of which the last `blinding` are not usable. Nothing is usable if that leaves no row.
    #[must_use]
    pub fn new(k: u32, blinding: usize) -> Self {
        let rows = 1_usize.checked_shl(k).unwrap_or(0);
        Self {
            k,
            usable: rows.saturating_sub(blinding),
        }
    }
}

/// How many extra cells a row has.
pub const EXTRA: usize = 13;
/// How many limbs a row has.
pub const LIMBS: usize = 2 * Limbs::S.count;

/// Six-bit chunks of an operand of LOGIC.
pub const CHUNKS: usize = 11;
/// What the second operand of LOGIC counts, beside the first.
pub const SECOND: u128 = 1 << (6 * CHUNKS);

/// Fixed columns of the code table and the auxiliary table.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// Row number; the code index of the code table's row.
    pub row: Column,
    /// Packed flags of the instruction: flag `i` at bit `i`.
    pub flags: Column,
    /// Offset of slot A.
    pub a: Column,
    /// Offset of slot B, or a constant.
    pub b: Column,
    /// Offset of slot C, target of a branch, or a constant.
    pub c: Column,
    /// Constants.
    pub k: [Column; 8],
    /// Gas price.
    pub gas: Column,
    /// Tag of the auxiliary table's row.
    pub tag: Column,
    /// Its key.
    pub key: Column,
    /// Its first value.
    pub v1: Column,
    /// Its second value.
    pub v2: Column,
}

/// Slot A: may read and write.
#[derive(Clone, Debug)]
pub struct SlotA {
    /// Address.
    pub address: Column,
    /// Row of the last access.
    pub time: Column,
    /// Value found, `va`; `x` of the instructions.
    pub old: Column,
    /// Value left, `wa`.
    pub new: Column,
}

/// Slot B: reads.
#[derive(Clone, Debug)]
pub struct SlotB {
    /// Address.
    pub address: Column,
    /// Row of the last access.
    pub time: Column,
    /// Value, `vb`; `y` of the instructions.
    pub value: Column,
}

/// Slot C: writes.
#[derive(Clone, Debug)]
pub struct SlotC {
    /// Address.
    pub address: Column,
    /// Row of the last access.
    pub time: Column,
    /// Value found, `oc`.
    pub old: Column,
    /// Value left, `nc`; the row's result `res` also where the slot is off.
    pub new: Column,
}

/// Every column of the machine.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Fixed columns.
    pub fixed: Fixed,
    /// Code index that is due.
    pub pc: Column,
    /// Code index that runs.
    pub pcl: Column,
    /// Frame pointer.
    pub fp: Column,
    /// Frame slots taken.
    pub sl: Column,
    /// Gas left.
    pub gas: Column,
    /// Base address of the run's memory.
    pub ctx: Column,
    /// Its size in bytes.
    pub lim: Column,
    /// Flags, in the order of [`Flags::NAMES`].
    pub flags: [Column; Flags::COUNT],
    /// Offset of slot B or a constant.
    pub b: Column,
    /// Offset of slot C, target of a branch, or a constant.
    pub c: Column,
    /// Constants of the instruction.
    pub k: [Column; 8],
    /// Gas price of the row.
    pub g: Column,
    /// Slot A.
    pub slot_a: SlotA,
    /// Slot B.
    pub slot_b: SlotB,
    /// Slot C.
    pub slot_c: SlotC,
    /// Limbs: group 1, then group 2.
    pub limb: [Column; LIMBS],
    /// Extra cells.
    pub extra: [Column; EXTRA],
    /// How often the code table's row is used.
    pub m_code: Column,
    /// How often the auxiliary table's row is used.
    pub m_aux: Column,
    /// How often the row number is used.
    pub m_row: Column,
}

impl Columns {
    /// Declares all columns, in the order that the verifying key has them.
    pub fn declare(builder: &mut Builder) -> Self {
        let mut fixed = |name: &str| builder.fixed(name);
        let fixed = Fixed {
            row: fixed("row"),
            flags: fixed("F"),
            a: fixed("A"),
            b: fixed("B"),
            c: fixed("C"),
            k: std::array::from_fn(|i| fixed(&format!("K{i}"))),
            gas: fixed("G"),
            tag: fixed("tag"),
            key: fixed("key"),
            v1: fixed("v1"),
            v2: fixed("v2"),
        };
        let mut advice = |name: &str| builder.advice(name);
        Self {
            fixed,
            pc: advice("pc"),
            pcl: advice("pcl"),
            fp: advice("fp"),
            sl: advice("sl"),
            gas: advice("gas"),
            ctx: advice("ctx"),
            lim: advice("lim"),
            flags: std::array::from_fn(|i| advice(Flags::NAMES[i])),
            b: advice("b"),
            c: advice("c"),
            k: std::array::from_fn(|i| advice(&format!("k{i}"))),
            g: advice("g"),
            slot_a: SlotA {
                address: advice("aA"),
                time: advice("tA"),
                old: advice("va"),
                new: advice("wa"),
            },
            slot_b: SlotB {
                address: advice("aB"),
                time: advice("tB"),
                value: advice("vb"),
            },
            slot_c: SlotC {
                address: advice("aC"),
                time: advice("tC"),
                old: advice("oc"),
                new: advice("nc"),
            },
            limb: std::array::from_fn(|i| advice(&format!("L{i}"))),
            extra: std::array::from_fn(|i| advice(&format!("E{i}"))),
            m_code: advice("mCode"),
            m_aux: advice("mAux"),
            m_row: advice("mRow"),
        }
    }

    /// The column of a single flag.
    #[must_use]
    pub fn flag(&self, flag: Flags) -> Column {
        self.flags[flag.0.trailing_zeros() as usize % Flags::COUNT]
    }

    /// One where the operation's flags are set: degree one or two. Meaningless for [`Op::Hint`], which has none.
    #[must_use]
    pub fn is(&self, op: Op) -> Expr {
        let flags = op.flags();
        let set = (0..Flags::COUNT).filter(|i| flags.0 >> i & 1 == 1);
        let set = crate::air::product(set.map(|i| self.flags[i].cur()));
        // The primary flag alone where others have a secondary one: at most one of those is set in a row.
        let secondary = [Flags::U0, Flags::U1, Flags::U2, Flags::U3, Flags::U4, Flags::U5];
        if matches!(op, Op::Cin | Op::Cout) {
            let any = crate::air::sum(secondary.iter().map(|flag| self.flag(*flag).cur()));
            return set * (Expr::from(1) - any);
        }
        set
    }

    /// The sum of [`Self::is`] over operations; they exclude each other.
    #[must_use]
    pub fn any(&self, ops: &[Op]) -> Expr {
        crate::air::sum(ops.iter().map(|op| self.is(*op)))
    }

    /// The cells of LOGIC's chunks: both operands' six bits, and their AND. The first two are those of the triples E0 and E3.
    #[must_use]
    pub fn logic_chunks(&self) -> [[Column; 2]; CHUNKS] {
        std::array::from_fn(|i| match i {
            0 => [self.extra[0], self.extra[1]],
            1 => [self.extra[3], self.extra[4]],
            2..5 => [self.extra[2 * i + 2], self.extra[2 * i + 3]],
            _ => [self.limb[2 * i - 10], self.limb[2 * i - 9]],
        })
    }

    /// The limbs of group 1 as one number.
    #[must_use]
    pub fn lo(&self) -> Expr {
        self.number(0, Limbs::S.count)
    }

    /// The limbs of group 2 as one number.
    #[must_use]
    pub fn hi(&self) -> Expr {
        self.number(Limbs::S.count, Limbs::S.count)
    }

    /// `count` limbs from `first` on as one number.
    #[must_use]
    pub fn number(&self, first: usize, count: usize) -> Expr {
        affine(
            1_u64 << Limbs::S.bits,
            self.limb[first..first + count].iter().map(|limb| limb.cur()),
        )
    }

    /// `x`: the value that slot A finds.
    #[must_use]
    pub fn x(&self) -> Expr {
        self.slot_a.old.cur()
    }

    /// `y`: the value of slot B.
    #[must_use]
    pub fn y(&self) -> Expr {
        self.slot_b.value.cur()
    }

    /// `res`: the result of the row.
    #[must_use]
    pub fn res(&self) -> Expr {
        self.slot_c.new.cur()
    }
}
