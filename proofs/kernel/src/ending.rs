//! How a run of the module ended: what the prover says, verified (docs/CIRCUIT.md, "How a run of the module ends").
//!
//! Either the kernel itself leaves the run, or the prover puts EXIT in place of an instruction of the module: then the table of
//! ends says what may end the run there, and [`trapped`] checks that it did. The instruction itself has no satisfying row in that
//! case, so exactly one of going on and ending is possible. Both ways go on in [`resume`], over RESET, with an empty stack.

use crate::memory::Memory;
use crate::number::to_word;
use crate::receipt::Outcome;
use crate::sys::{
    TABLE, TRAP, aux, aux2, exit, fail, gas, gas_sub, memory, module, raw, require, slots, xpc,
};

/// Details of the outcome *trapped*.
mod detail {
    pub(super) const UNREACHABLE: u32 = 1;
    pub(super) const MEMORY: u32 = 2;
    pub(super) const DIVISION: u32 = 3;
    pub(super) const OVERFLOW: u32 = 4;
    pub(super) const INDIRECT_TYPE: u32 = 5;
    pub(super) const TABLE: u32 = 6;
    pub(super) const NULL: u32 = 7;
    pub(super) const DEPTH: u32 = 8;
}

/// Details of ends by the kernel.
pub(crate) mod host {
    pub(crate) const ARGUMENT: u32 = 9;
    pub(crate) const LIMIT: u32 = 10;
}

/// Frame slots that a call may take, as the machine's ENTER has it.
const STACK_SLOTS: u64 = 8_192;

/// Code index of RESET.
const RESET_INDEX: u64 = 5;

/// Leaves the module's run with an outcome that is not ok.
pub(crate) fn leave(end: Outcome) -> ! {
    memory().end.set(end.code());
    exit()
}

/// Where RESET goes on: an outcome has been established.
pub(crate) fn resume() -> ! {
    let kernel = memory();
    let m: &Memory = &kernel;
    // EXIT leads to the other entry; only the kernel's own code jumps to RESET, and it sets the outcome first.
    require(to_word(xpc()) >> 16 == RESET_INDEX);
    require(m.in_module.get() != 0);
    let Some(end) = Outcome::failed(m.end.get()) else {
        fail()
    };
    m.in_module.set(0);
    crate::execute::ended(m, end);
    crate::segment::run(m)
}

/// Where EXIT goes on, above the frame that was left: the run ends at an instruction of the module.
pub(crate) fn trapped() -> ! {
    let kernel = memory();
    let m: &Memory = &kernel;
    require(m.in_module.get() != 0);
    leave(end_of(m))
}

fn end_of(m: &Memory) -> Outcome {
    let place = to_word(xpc());
    let (index, frame) = (place >> 16, place & 0xffff);
    // Constants of the program: words both.
    let (what, constant) = (aux::<TRAP>(index).known_word(), aux2::<TRAP>(index).known_word());
    let price = what >> 8 & 0xff_ffff;
    // Nobody who is below zero already may claim another end.
    if to_word(gas()) < price {
        return Outcome::OUT_OF_GAS;
    }
    gas_sub(price as u32);
    let register = |shift: u32| to_word(raw(frame + (what >> shift & 0x3fff)));
    let width = (what >> 60) + 1;
    Outcome::trapped(match what & 0xff {
        1 => detail::UNREACHABLE,
        2 => {
            require(register(32) + constant + width > u64::from(m.bytes.get()));
            detail::MEMORY
        }
        3 => {
            require(register(46) == 0);
            detail::DIVISION
        }
        4 => {
            let ones = u64::MAX >> (64 - 8 * width);
            require(register(32) == constant && register(46) == ones);
            detail::OVERFLOW
        }
        5..=7 => indirect(register(32), constant),
        class if class > 16 => (class - 16) as u32,
        8 => {
            // EXIT leaves the slots as they were before the function's own; the kernel's functions take none.
            require(slots() + constant > STACK_SLOTS);
            detail::DEPTH
        }
        // 0 cannot trap.
        _ => fail(),
    })
}

/// What is wrong with an indirect call of this element, which must have this type.
fn indirect(element: u64, wanted: u64) -> u32 {
    if element >= module::table_size() {
        return detail::TABLE;
    }
    let (index, kind) = (
        aux::<TABLE>(element).known_word(),
        aux2::<TABLE>(element).known_word(),
    );
    if index == 0 {
        return detail::NULL;
    }
    require(kind != wanted);
    detail::INDIRECT_TYPE
}
