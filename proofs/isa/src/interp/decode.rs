//! Rows made ready to run: constants as integers, operations as variants.

use super::ProgramError;
use super::form::{Arith, Form, Logic, Out};
use super::state;
use super::trap::Trap;
use crate::code::{Flags, Instr, Program, Tag, at};
use crate::micro::Width;
use crate::ops::{Malformed, Op, width};
use crate::trace::Value;
use ark_ff::{AdditiveGroup, Field};
use playfair_types::crypto::field::Fr;

/// No TRAP entry.
const NONE: u32 = u32::MAX;

/// A slot's address: a number, plus the frame pointer under the mask.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    offset: u32,
    frame: u32,
}

impl Place {
    pub(super) fn at(self, fp: u32) -> u64 {
        u64::from(self.offset) + u64::from(fp & self.frame)
    }

    pub(super) const fn is_frame(self) -> bool {
        self.frame != 0
    }
}

/// A row, ready to run.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) flags: Flags,
    pub(super) op: Op,
    pub(super) kind: Kind,
    pub(super) a: Place,
    pub(super) b: Place,
    pub(super) c: Place,
    /// Target of the branch.
    pub(super) target: u32,
    pub(super) gas: u32,
    trap: u32,
    /// Limbs that the row needs for itself.
    pub(super) limbs: u16,
}

impl Row {
    /// Whether it speaks of the row after it.
    fn joined(&self) -> bool {
        matches!(
            self.op,
            Op::Div
                | Op::Pin
                | Op::Cin
                | Op::Cout
                | Op::Curve
                | Op::Mem
                | Op::P6f
                | Op::P6p
                | Op::P3f
                | Op::P3p
                | Op::P3s
        )
    }

    /// Index of its TRAP entry.
    pub(super) fn trap(&self) -> Option<usize> {
        (self.trap != NONE).then_some(self.trap as usize)
    }
}

/// What a row does, with its constants.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Arith(Box<Arith>),
    Constant(Value),
    CopyX,
    CopyY,
    Form(Box<Form>),
    Eq {
        form: Box<Form>,
        yes: Value,
        no: Value,
    },
    Select,
    Logic(Box<Logic>),
    Div(Box<Out>),
    Pin(Box<[Fr; 6]>),
    SetMem {
        new_run: bool,
    },
    Call {
        frame: u32,
        target: u32,
    },
    Calli {
        frame: u32,
        kind: Value,
    },
    Ret {
        weight: u32,
    },
    Enter {
        weight: u32,
        limit: u32,
    },
    Dyn {
        offset: u32,
    },
    Exit {
        keep: bool,
        above: u32,
        target: u32,
    },
    /// k0, k1, k2.
    Gets([Fr; 3]),
    Gasd,
    SetGas,
    /// A hint, of 64 bits or of any.
    Hint {
        hint: u32,
        word: bool,
    },
    Raw(Box<Form>),
    Aux {
        tag: Tag,
        key: Box<Form>,
        result: Box<Form>,
    },
    Load(Access),
    Store(Access),
    LoadPart(Box<Part>),
    StorePart(Box<Part>),
    Cin,
    /// k0, k1.
    Cout([Fr; 2]),
    Poseidon(state::Kind, Box<[Fr; 10]>),
    Curve,
    Mem,
}

/// An access of memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access {
    pub(super) offset: u32,
    /// Bytes.
    pub(super) width: u32,
    /// How many of them may lie behind memory's end, where bytes are read that nothing takes.
    pub(super) beyond: u32,
    /// What a set top bit adds; the constant that a store without slot B stores.
    pub(super) sign: u64,
    pub(super) module: bool,
}

/// An access of a part of a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// One byte, of which the rest follows.
    pub(super) access: Access,
    /// k0 to k3.
    pub(super) k: [Fr; 4],
}

/// A constant that [`Op::of`] checked to be below 2^32.
fn small(k: Fr) -> u32 {
    Value::from(k).word().unwrap_or(0) as u32
}

/// All rows of a program.
pub(super) fn rows(program: &Program, traps: &[(u64, Trap)]) -> Result<Vec<Row>, ProgramError> {
    let length = program.code.len();
    let (Ok(count), true) = (u32::try_from(length), length > at::START as usize) else {
        return Err(ProgramError::Length(length));
    };
    let mut rows = Vec::with_capacity(length);
    for (index, instr) in (0..count).zip(&program.code) {
        let malformed = |why| ProgramError::Malformed(index, why);
        let op = Op::of(instr).map_err(malformed)?;
        let kind = kind(op, instr).ok_or(malformed(Malformed::Constant(op)))?;
        // Rows that belong together are.
        let next = program.code.get(index as usize + 1);
        let alone = match op {
            Op::Div => next.is_none_or(|next| (next.flags, next.gas) != (Flags::SYS.with(Flags::U3), 0)),
            _ => false,
        };
        if alone {
            return Err(ProgramError::SecondRow(index));
        }
        rows.push(row(op, kind, instr));
    }
    for (i, (key, trap)) in (0u32..).zip(traps) {
        let index = usize::try_from(*key).map_err(|_| ProgramError::Trap(*key))?;
        // EXIT cannot follow a row that speaks of its next one.
        let before = index.checked_sub(1).and_then(|before| rows.get(before));
        let joined = before.is_some_and(Row::joined);
        let row = rows
            .get_mut(index)
            .filter(|_| !joined)
            .ok_or(ProgramError::Trap(*key))?;
        if row.gas != trap.gas {
            return Err(ProgramError::Gas(*key as u32, trap.gas));
        }
        row.trap = i;
    }
    Ok(rows)
}

fn row(op: Op, kind: Kind, instr: &Instr) -> Row {
    let flags = instr.flags;
    let place = |on: Flags, absolute: Flags, offset: Fr| {
        if !flags.has(on) {
            return Place::default();
        }
        Place {
            offset: small(offset),
            frame: if flags.has(absolute) { 0 } else { u32::MAX },
        }
    };
    let memory = if flags.has(Flags::M) {
        state::limbs::GROUP2
    } else {
        0
    };
    let limbs = match op {
        Op::Arith | Op::Div => state::limbs::GROUP1 | state::limbs::GROUP2,
        Op::Ret | Op::Enter | Op::Hint64 => state::limbs::GROUP1,
        Op::Logic => state::limbs::GROUP1 | state::limbs::GROUP2,
        Op::Loadb | Op::Storeb | Op::Loadp | Op::Storep => state::limbs::NINE | memory,
        Op::Loadw | Op::Storew => memory,
        _ => 0,
    };
    Row {
        flags,
        op,
        kind,
        a: Place {
            offset: instr.a,
            frame: u32::MAX,
        },
        b: place(Flags::SB, Flags::GB, instr.b),
        c: place(Flags::SC, Flags::GC, instr.c),
        target: if flags.has(Flags::BR) { small(instr.c) } else { 0 },
        gas: instr.gas,
        trap: NONE,
        limbs,
    }
}

fn form(k: [Fr; 4]) -> Box<Form> {
    Box::new(Form::new(k))
}

fn farith(k: &[Fr; 8]) -> Kind {
    let (zero, one) = (Fr::ZERO, Fr::ONE);
    match [k[0], k[1], k[2], k[3]] {
        [k0, k1, k2, k3] if k0 == zero && k1 == zero && k2 == zero => Kind::Constant(Value::from(k3)),
        [k0, k1, k2, k3] if k0 == zero && k1 == one && k2 == zero && k3 == zero => Kind::CopyX,
        [k0, k1, k2, k3] if k0 == zero && k1 == zero && k2 == one && k3 == zero => Kind::CopyY,
        all => Kind::Form(form(all)),
    }
}

fn access(instr: &Instr, whole: bool) -> Option<Access> {
    let k = &instr.k;
    let signed = !whole && (5..8).any(|i| k[i] != Fr::ZERO);
    Some(Access {
        offset: small(k[4]),
        width: if whole { 8 } else { width(k)? },
        beyond: 0,
        sign: if signed { Value::from(k[3]).word()? } else { 0 },
        module: instr.flags.has(Flags::M),
    })
}

fn part(instr: &Instr) -> Box<Part> {
    let k = &instr.k;
    Box::new(Part {
        access: Access {
            offset: small(k[4]),
            width: 1,
            beyond: small(k[5]),
            sign: 0,
            module: instr.flags.has(Flags::M),
        },
        k: [k[0], k[1], k[2], k[3]],
    })
}

fn poseidon(kind: state::Kind, instr: &Instr) -> Kind {
    let [k0, k1, k2, k3, k4, k5, k6, k7] = instr.k;
    let partial = !matches!(kind, state::Kind::Full(_));
    let (b, c) = if partial {
        (instr.b, instr.c)
    } else {
        (Fr::ZERO, Fr::ZERO)
    };
    Kind::Poseidon(kind, Box::new([k0, k1, k2, k3, k4, k5, k6, k7, b, c]))
}

fn kind(op: Op, instr: &Instr) -> Option<Kind> {
    let k = &instr.k;
    let zero = Fr::ZERO;
    Some(match op {
        Op::Arith => Kind::Arith(Box::new(Arith::new(k))),
        Op::Farith => farith(k),
        Op::Eq => {
            let form = form([zero, k[1], k[2], k[3]]);
            Kind::Eq {
                form,
                yes: Value::from(k[4] + k[6]),
                no: Value::from(k[6]),
            }
        }
        Op::Select => Kind::Select,
        Op::Logic => Kind::Logic(Box::new(Logic::new(k))),
        Op::Div => Kind::Div(Box::new(Out::new([k[4], k[5], k[6], k[7]]))),
        Op::Pin => Kind::Pin(Box::new([k[0], k[1], k[2], k[3], k[4], k[5]])),
        Op::Setmem => Kind::SetMem {
            new_run: k[0] != zero,
        },
        Op::Call => Kind::Call {
            frame: small(k[0]),
            target: small(k[2]),
        },
        Op::Calli => Kind::Calli {
            frame: small(k[0]),
            kind: Value::from(k[3]),
        },
        Op::Ret => Kind::Ret { weight: small(k[0]) },
        Op::Enter => Kind::Enter {
            weight: small(k[0]),
            limit: small(k[1]),
        },
        Op::Dyn => Kind::Dyn { offset: small(k[0]) },
        Op::Exit => Kind::Exit {
            keep: k[1] != zero,
            above: small(k[0]),
            target: small(k[2]),
        },
        Op::Gets => Kind::Gets([k[0], k[1], k[2]]),
        Op::Gasd => Kind::Gasd,
        Op::Setgas => Kind::SetGas,
        Op::Hint64 => Kind::Hint {
            hint: instr.hint,
            word: true,
        },
        Op::Hint => Kind::Hint {
            hint: instr.hint,
            word: false,
        },
        Op::Raw => Kind::Raw(form([zero, Fr::ONE, zero, k[4]])),
        Op::Aux => Kind::Aux {
            tag: Tag::ALL.into_iter().find(|tag| Fr::from(*tag as u32) == k[0])?,
            key: form([zero, k[1], zero, k[2]]),
            result: form([zero, k[4], k[5], zero]),
        },
        Op::Loadw => Kind::Load(access(instr, true)?),
        Op::Loadb => Kind::Load(access(instr, false)?),
        Op::Storew | Op::Storeb => Kind::Store(Access {
            sign: Value::from(k[3]).word()?,
            ..access(instr, op == Op::Storew)?
        }),
        Op::Loadp => Kind::LoadPart(part(instr)),
        Op::Storep => Kind::StorePart(part(instr)),
        Op::Cin => Kind::Cin,
        Op::Cout => Kind::Cout([k[0], k[1]]),
        Op::P6f => poseidon(state::Kind::Full(Width::Six), instr),
        Op::P6p => poseidon(state::Kind::Ten(Width::Six), instr),
        Op::P3f => poseidon(state::Kind::Full(Width::Three), instr),
        Op::P3p => poseidon(state::Kind::Ten(Width::Three), instr),
        Op::P3s => poseidon(state::Kind::Seven, instr),
        Op::Curve => Kind::Curve,
        Op::Mem => Kind::Mem,
    })
}
