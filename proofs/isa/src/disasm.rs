//! Lowered code as text: one row a line, functions headed by their names.

use crate::code::{Flags, Instr};
use crate::lower::{Part, Symbol, Target, Unit};
use crate::ops::Op;
use ark_ff::{BigInt, PrimeField};
use core::fmt::Write;
use playfair_types::crypto::field::Fr;

/// A constant: an integer, small in absolute value if it can be, or a power of two.
#[must_use]
pub fn number(value: Fr) -> String {
    let short = |value: Fr| {
        let BigInt(limbs) = value.into_bigint();
        let bits: u32 = limbs.iter().map(|limb| limb.count_ones()).sum();
        match limbs {
            [word, 0, 0, 0] if word < 1 << 20 => Some(word.to_string()),
            _ if bits == 1 => {
                let at = (0..).zip(limbs).find(|(_, limb)| *limb != 0);
                at.map(|(index, limb)| format!("2^{}", 64u32 * index + limb.trailing_zeros()))
            }
            [word, 0, 0, 0] => Some(format!("{word:#x}")),
            _ => None,
        }
    };
    if let Some(text) = short(value) {
        return text;
    }
    if let Some(text) = short(-value) {
        return format!("-{text}");
    }
    let BigInt([a, b, c, d]) = value.into_bigint();
    let text = format!("{d:x}{c:016x}{b:016x}{a:016x}");
    format!("0x{}", text.trim_start_matches('0'))
}

/// One row. `target` is where it may go, in words.
#[must_use]
pub fn row(instr: &Instr, target: Option<&str>) -> String {
    let name = Op::of(instr).map_or("?", |op| op.info().name);
    let mut text = format!("{name:<7}");
    let has = |flag| instr.flags.has(flag);
    let register = |value: Fr, absolute| format!("{}{}", if absolute { "g" } else { "r" }, number(value));
    if has(Flags::SA) {
        let _ = write!(text, " a=r{}{}", instr.a, if has(Flags::DA) { "!" } else { "" });
    }
    if has(Flags::SB) && !has(Flags::MEMF) {
        let _ = write!(text, " b={}", register(instr.b, has(Flags::GB)));
    }
    let stores = has(Flags::MEMF) && (has(Flags::U2) || has(Flags::U3));
    if stores {
        let _ = write!(text, " b={}", register(instr.b, has(Flags::GB)));
    } else if has(Flags::SC) {
        let _ = write!(text, " c={}", register(instr.c, has(Flags::GC)));
    }
    for (index, k) in instr.k.iter().enumerate() {
        if *k != Fr::from(0u64) {
            let _ = write!(text, " k{index}={}", number(*k));
        }
    }
    if has(Flags::M) {
        text.push_str(" m");
    }
    if instr.hint != 0 {
        let _ = write!(text, " hint={:#x}", instr.hint);
    }
    if let Some(target) = target {
        let _ = write!(text, " -> {target}");
    }
    if instr.gas > 0 {
        let _ = write!(text, " gas={}", instr.gas);
    }
    text.truncate(text.trim_end().len());
    text
}

/// A unit before linking; code indices are relative to it.
#[must_use]
pub fn unit(unit: &Unit) -> String {
    let mut text = String::new();
    let mut references = unit.references.iter().peekable();
    let mut traps = unit.traps.iter().peekable();
    let mut functions = unit.functions.iter().peekable();
    for (index, instr) in (0..).zip(&unit.rows) {
        while let Some(function) = functions.next_if(|function| function.start <= index) {
            let _ = writeln!(
                text,
                "\n{} ({} rows, {} instructions)",
                function.name, function.rows, function.instructions
            );
        }
        let mut target = None;
        while let Some(reference) = references.next_if(|reference| reference.row <= index) {
            target = Some(match &reference.target {
                Target::Label(label) => {
                    let row = unit.row(*label).unwrap_or(u32::MAX);
                    if reference.part == Part::Base {
                        format!("{row}+x")
                    } else {
                        row.to_string()
                    }
                }
                Target::Symbol(symbol) => name(symbol),
            });
        }
        let _ = write!(text, "{index:>6} {}", row(instr, target.as_deref()));
        while let Some((_, trap)) = traps.next_if(|(row, _)| *row <= index) {
            if trap.class > 0 {
                let _ = write!(text, "  ; trap {}", trap.class);
            }
        }
        text.push('\n');
    }
    text
}

fn name(symbol: &Symbol) -> String {
    match symbol {
        Symbol::At(index) => format!("@{index}"),
        Symbol::Kernel(name) => format!("kernel.{name}"),
        Symbol::Module(name) => format!("module.{name}"),
        Symbol::Micro(micro) => format!("{micro:?}").to_lowercase(),
    }
}
