//! Ends of runs at instructions of the module: what the table of ends says is judged by registers and gas, both ways.

use crate::common::{Chain, Guest, Player, Scripted, Segment, chain_of, genesis_record, module};
use playfair_abi::export::Export;
use playfair_machine::engine::End as Ended;
use playfair_proofs_kernel::native::{self, End};
use playfair_types::receipt::{Outcome, Trap};
use playfair_types::rules::FeeMode;
use std::rc::Rc;

/// Tags of the tables of indirect calls and of ends.
const TABLE: i32 = 14;
const TRAP: i32 = 15;
/// Elements of the module's table.
const ELEMENTS: u64 = 4;

/// A module that traps as its payload says, at code index 100 + detail.
fn engine() -> Scripted {
    Scripted::default().with(module(1), Export::Call, |guest: &mut Guest| {
        guest.burn(50)?;
        let code = guest.payload()?[0];
        Err(Ended::Trapped(Trap::from_code(code).expect("a detail")))
    })
}

/// An entry: class, registers at offsets 3 and 9, width, constant, gas of the row.
fn entry(class: u64, width: u64, gas: u64) -> u64 {
    class | gas << 8 | 3 << 32 | 9 << 46 | (width - 1) << 60
}

struct Case {
    class: u64,
    width: u64,
    constant: u64,
    registers: (u64, u64),
    /// The detail, if it is an end.
    detail: Option<u8>,
}

fn case(class: u64, width: u64, constant: u64, registers: (u64, u64), detail: Option<u8>) -> Case {
    Case {
        class,
        width,
        constant,
        registers,
        detail,
    }
}

fn started() -> (Chain, Player) {
    let mut chain = chain_of(&genesis_record(FeeMode::Paid, true), engine());
    let player = Player::new(1);
    chain.deposit(player.id, 1 << 60);
    (chain, player)
}

#[test]
fn traps_are_judged_by_registers() {
    let (min, ones) = (1 << 31, 0xffff_ffff);
    let cases = [
        case(1, 1, 0, (0, 0), Some(1)),
        case(0, 1, 0, (0, 0), None),
        case(2, 8, 0, (65_529, 0), Some(2)),
        case(2, 8, 0, (65_528, 0), None),
        case(2, 1, 0xffff_ffff, (0xffff_ffff, 0), Some(2)),
        case(2, 4, 65_532, (0, 0), None),
        case(3, 1, 0, (5, 0), Some(3)),
        case(3, 1, 0, (0, 5), None),
        case(4, 4, min, (min, ones), Some(4)),
        case(4, 4, min, (min, ones - 1), None),
        case(4, 4, min, (min - 1, ones), None),
        case(4, 8, 1 << 63, (1 << 63, u64::MAX), Some(4)),
        case(5, 1, 4, (1, 0), Some(5)),
        case(6, 1, 3, (1, 0), None),
        case(6, 1, 3, (ELEMENTS, 0), Some(6)),
        case(7, 1, 3, (2, 0), Some(7)),
        case(8, 1, 9, (0, 0), Some(8)),
        case(8, 1, 8, (0, 0), None),
        case(26, 1, 0, (0, 0), Some(10)),
    ];
    for (number, case) in cases.into_iter().enumerate() {
        let (mut chain, player) = started();
        let mut segment = Segment::start(&mut chain, engine());
        let code = case.detail.unwrap_or(1);
        let record = chain.signed(player.first(1, &[code]), &player.key);
        let done = segment.push(&mut chain, record);
        assert_eq!(
            done.receipt.outcome,
            Outcome::Trapped(Trap::from_code(code).expect("a detail"))
        );
        segment.end(&mut chain);
        let mut linked = segment.linked();
        linked.table_size = ELEMENTS;
        linked.aux.extend([((TABLE, 1), (60, 3)), ((TABLE, 2), (0, 0))]);
        let index = 100 + u64::from(code);
        linked
            .aux
            .insert((TRAP, index), (entry(case.class, case.width, 0), case.constant));
        let body = linked.body.clone();
        let (first, second) = case.registers;
        linked.body = Rc::new(move |entry| {
            native::set_slots(8_184);
            native::set_register(3, first);
            native::set_register(9, second);
            body(entry);
        });
        let (end, _) = native::run(segment.public(), linked, Box::new(segment.oracle()));
        let wanted = if case.detail.is_some() {
            End::Finished
        } else {
            End::Stuck
        };
        assert_eq!(end, wanted, "case {number}: {:?}", native::stuck_at());
    }
}

#[test]
fn gas_is_charged_before_the_trap_and_cannot_be_claimed_to_lack() {
    let (mut chain, player) = started();
    let mut segment = Segment::start(&mut chain, engine());
    let record = chain.signed(player.first(1, &[1]), &player.key);
    let trapped = segment.push(&mut chain, record);
    segment.end(&mut chain);
    let run = |gas: u64, burn: u32| {
        let mut linked = segment.linked();
        linked.aux.insert((TRAP, 101), (entry(1, 1, gas), 0));
        let body = linked.body.clone();
        linked.body = Rc::new(move |entry| {
            native::burn(burn);
            body(entry);
        });
        native::run(segment.public(), linked, Box::new(segment.oracle())).0
    };
    assert_eq!(run(0, 0), End::Finished);
    // The row's own price would have made another receipt, and so would running out of gas, truly or not.
    assert_eq!(run(1, 0), End::Stuck);
    assert_eq!(run(200_000, 0), End::Stuck);
    // Below zero, no end but running out of gas is left.
    assert_eq!(run(0, 200_000), End::Stuck);
    assert_eq!(trapped.receipt.outcome, Outcome::Trapped(Trap::Unreachable));
}
