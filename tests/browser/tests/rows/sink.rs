//! Histories of `modules/sink.wat`, which does whatever its payload says: how calls end, and every host function.

use playfair_browser_tests::history::History;
use playfair_browser_tests::modules;
use playfair_browser_tests::programs::{Op, Program, Random};
use playfair_runtime::local::Start;
use playfair_types::bounded::Bytes;
use playfair_types::receipt::{Outcome, Trap};
use std::collections::BTreeSet;

/// Where random programs begin.
const SEED: u64 = 0x706c_6179;
const PLAYERS: [&str; 4] = ["alice", "bob", "carol", "dave"];

fn one(history: &mut History, program: &Program) -> Outcome {
    history.play(&[("alice", 0, program.payload())])[0]
}

/// The same step so many times.
fn times(count: u32, op: Op, arguments: &[u32]) -> Program {
    (0..count).fold(Program::default(), |program, _| program.then(op, arguments))
}

/// A start with an init argument and a tick.
fn busy() -> (playfair_admission::Admitted, Start) {
    let module = modules::sink();
    let start = Start {
        init: Bytes::new(&b"the argument of init"[..]).expect("short"),
        tick_gas: 20_000,
        ..Start::of(module.hash)
    };
    (module, start)
}

/// Every way in which a call can end; with init and tick, of which every fourth traps.
pub(super) fn ends() -> History {
    let (module, start) = busy();
    let mut history = History::of("ends", &module, &start.genesis());
    let traps = [
        (Trap::Unreachable, Program::of(Op::Trap, &[])),
        (Trap::MemoryOutOfBounds, Program::of(Op::Peek, &[131_065])),
        (Trap::MemoryOutOfBounds, Program::of(Op::Peek, &[u32::MAX])),
        (Trap::MemoryOutOfBounds, Program::of(Op::Fill, &[131_072, 1, 1])),
        (Trap::MemoryOutOfBounds, Program::of(Op::Copy, &[0, 131_000, 73])),
        (Trap::DivisionByZero, Program::of(Op::DivU, &[1, 0])),
        (Trap::DivisionByZero, Program::of(Op::RemS, &[1, 0])),
        (
            Trap::IntegerOverflow,
            Program::of(Op::DivS, &[0x8000_0000, u32::MAX]),
        ),
        (Trap::IndirectCallType, Program::of(Op::Indirect, &[2, 1])),
        (Trap::TableOutOfBounds, Program::of(Op::Indirect, &[5, 1])),
        (Trap::NullElement, Program::of(Op::Indirect, &[3, 1])),
        (Trap::CallDepth, Program::of(Op::Dive, &[10_000])),
        (Trap::HostArgument, Program::of(Op::Caller, &[4])),
        (Trap::HostArgument, Program::of(Op::Caller, &[131_072])),
        (Trap::HostArgument, Program::of(Op::Input, &[131_056])),
        (Trap::HostArgument, Program::of(Op::Get, &[0, 3, 64, 12])),
        (Trap::HostArgument, Program::of(Op::Set, &[0, 65, 0, 0])),
        (Trap::HostArgument, Program::of(Op::Set, &[0, 64, 0, 4097])),
        (Trap::HostArgument, Program::of(Op::Emit, &[0x1_0000, 0, 0])),
        (Trap::HostArgument, Program::of(Op::Output, &[0, 1025])),
        (Trap::HostArgument, Program::of(Op::Revert, &[0, 257])),
        (Trap::HostArgument, Program::of(Op::Log, &[0, 1025])),
        (Trap::HostArgument, Program::of(Op::Get, &[0, 65, 0, 0])),
        (Trap::HostArgument, Program::of(Op::Remove, &[0, 65])),
        (Trap::HostArgument, Program::of(Op::Exists, &[0, 65])),
        (Trap::HostArgument, Program::of(Op::Emit, &[0, 0, 1025])),
        (Trap::HostArgument, Program::of(Op::Send, &[0, 0, 1025])),
        (Trap::HostArgument, Program::of(Op::Withdraw, &[0, 64])),
        (
            Trap::HostArgument,
            Program::default()
                .poke(64, &[255; 32])
                .then(Op::Poseidon2, &[64, 0]),
        ),
        (Trap::HostLimit, times(65, Op::Emit, &[1, 0, 3])),
    ];
    // What a call wrote before it ends is not kept.
    let writing =
        |program: &Program| [Program::of(Op::Set, &[0, 3, 8, 7]).payload(), program.payload()].concat();
    for (trap, program) in traps {
        let outcomes = history.play(&[("alice", 0, writing(&program))]);
        assert_eq!(outcomes, [Outcome::Trapped(trap)], "{trap:?}");
        history.query(0, &program.payload());
    }
    let others = [
        (Outcome::Ok, Program::of(Op::Get, &[0, 3, 64, 64])),
        (Outcome::Reverted, Program::of(Op::Revert, &[16, 12])),
        (Outcome::Reverted, Program::of(Op::Revert, &[0, 0])),
        (Outcome::OutOfGas, Program::of(Op::Forever, &[])),
        (
            Outcome::OutOfGas,
            times(2, Op::Copy, &[0, 0, 131_072]).then(Op::Forever, &[]),
        ),
        (Outcome::OutOfGas, times(200, Op::Dive, &[500])),
    ];
    for (outcome, program) in others {
        assert_eq!(history.play(&[("bob", 0, writing(&program))]), [outcome]);
        history.query(0, &program.payload());
    }
    // Later calls of a block see what ok calls before them wrote, and nothing of the others.
    let program = |op, arguments: &[u32]| Program::of(op, arguments).payload();
    history.play(&[
        ("alice", 0, writing(&Program::of(Op::Trap, &[]))),
        ("bob", 0, program(Op::Get, &[0, 3, 64, 64])),
        ("carol", 0, program(Op::Set, &[0, 3, 16, 12])),
        ("dave", 0, program(Op::Get, &[0, 3, 64, 64])),
        ("alice", 0, program(Op::Remove, &[0, 3])),
        ("bob", 0, program(Op::Exists, &[0, 3])),
    ]);
    history
}

/// Edges of limits, from inside; context; hashes; memory.
pub(super) fn edges() -> History {
    let (module, start) = busy();
    let mut history = History::of("edges", &module, &start.genesis());
    let mut field = [0u8; 160];
    for (index, byte) in field.iter_mut().enumerate() {
        // Elements below 2^248.
        *byte = if index % 32 == 31 { 0 } else { index as u8 };
    }
    // Fixed lengths end exactly where memory ends.
    let fits = [
        (Op::Caller, vec![131_048]),
        (Op::Value, vec![131_056]),
        (Op::ChainId, vec![131_040]),
        (Op::Randomness, vec![131_040]),
        (Op::Balance, vec![131_048, 131_056]),
        (Op::Transfer, vec![131_048, 131_056]),
        (Op::Poseidon2, vec![131_008, 131_040]),
        (Op::Poseidon5, vec![130_912, 131_040]),
        (Op::Get, vec![131_008, 64, 131_064, 8]),
        (Op::Set, vec![131_008, 64, 131_064, 8]),
        (Op::Emit, vec![3, 130_048, 1024]),
        (Op::Output, vec![131_072, 0]),
    ];
    for (op, arguments) in fits {
        let clear = Program::of(Op::Fill, &[130_048, 0, 1024]);
        assert_eq!(
            one(&mut history, &clear.clone().then(op, &arguments)),
            Outcome::Ok,
            "{op:?}"
        );
        // Each pointer alone, one word further. A key or data of no length may stand at the end, not beyond it.
        for pointer in (0..arguments.len()).filter(|index| arguments[*index] > 100_000) {
            let mut beyond = arguments.clone();
            beyond[pointer] += 8;
            let outcome = one(&mut history, &clear.clone().then(op, &beyond));
            let refused = Outcome::Trapped(Trap::HostArgument);
            assert_eq!(outcome, refused, "{op:?} {pointer}");
        }
    }
    let programs = [
        // Values and keys: the empty ones, the longest, one that does not fit its capacity, one that is replaced.
        Program::of(Op::Set, &[0, 0, 0, 0]).then(Op::Get, &[0, 0, 64, 0]),
        Program::of(Op::Set, &[0, 64, 0, 4096])
            .then(Op::Get, &[0, 64, 8192, 4096])
            .then(Op::Peek, &[8192]),
        Program::of(Op::Get, &[0, 64, 8192, 4088]).then(Op::Peek, &[8192]),
        Program::of(Op::Set, &[0, 3, 0, 25])
            .then(Op::Set, &[0, 3, 0, 24])
            .then(Op::Get, &[0, 3, 64, 24]),
        Program::of(Op::Get, &[0, 3, 61 * 8, 8])
            .then(Op::Exists, &[0, 3])
            .then(Op::Peek, &[61 * 8]),
        Program::of(Op::Poke, &[64, u32::MAX, u32::MAX])
            .then(Op::Set, &[0, 9, 0, 5])
            .then(Op::Get, &[0, 9, 64, 8])
            .then(Op::Peek, &[64]),
        Program::of(Op::Remove, &[0, 9])
            .then(Op::Remove, &[0, 9])
            .then(Op::Exists, &[0, 9]),
        times(64, Op::Emit, &[0xffff, 0, 0]),
        Program::of(Op::Emit, &[0, 0, 1024])
            .then(Op::Emit, &[1, 0, 71])
            .then(Op::Emit, &[2, 0, 73]),
        Program::of(Op::Send, &[0, 0, 1024])
            .then(Op::Log, &[0, 1024])
            .then(Op::Output, &[0, 1024]),
        // All that a module can learn about where it runs, and what is left of the memory around it.
        Program::of(Op::Fill, &[64, 0xab, 160])
            .then(Op::Caller, &[64])
            .then(Op::Value, &[96])
            .then(Op::ChainId, &[128])
            .then(Op::Randomness, &[176])
            .then(Op::Height, &[])
            .then(Op::Time, &[])
            .then(Op::Emit, &[9, 64, 160]),
        Program::default()
            .poke(64, &field)
            .then(Op::Fill, &[256, 0xab, 96])
            .then(Op::Poseidon2, &[64, 256])
            .then(Op::Poseidon5, &[64, 304])
            .then(Op::Emit, &[9, 256, 96]),
        Program::of(Op::Grow, &[2])
            .then(Op::Grow, &[1])
            .then(Op::Fill, &[196_608, 7, 65_536])
            .then(Op::Peek, &[262_136])
            .then(Op::Copy, &[0, 262_100, 36]),
        Program::of(Op::Grow, &[u32::MAX])
            .then(Op::Grow, &[0])
            .then(Op::Peek, &[131_064]),
        Program::of(Op::Indirect, &[0, 20])
            .then(Op::Indirect, &[1, 21])
            .then(Op::Dive, &[500]),
    ];
    for program in &programs {
        assert_eq!(one(&mut history, program), Outcome::Ok);
        history.query(1, &program.payload());
    }
    history
}

/// Host calls with arguments that nobody would choose, in blocks of several players.
pub(super) fn random_programs() -> History {
    println!("random programs from the seed {SEED:#x}");
    let (module, start) = busy();
    let mut history = History::of("random programs", &module, &start.genesis());
    let mut random = Random(SEED);
    for _ in 0..30 {
        let calls: Vec<_> = (0..1 + random.below(5))
            .map(|_| {
                let player = PLAYERS[random.below(4) as usize];
                let steps = 1 + random.below(30);
                (
                    player,
                    random.below(240) as u8,
                    Program::random(&mut random, steps).payload(),
                )
            })
            .collect();
        history.play(&calls);
        let steps = 1 + random.below(10);
        history.query(0, &Program::random(&mut random, steps).payload());
    }
    let codes: BTreeSet<_> = history.outcomes().iter().map(|outcome| outcome.codes()).collect();
    assert!(codes.len() >= 4, "only {codes:?} came about");
    history
}
