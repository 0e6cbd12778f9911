//! Host functions that keep nothing in the state: every argument, every refusal, exact gas (docs/HOST.md).

use playfair_abi::host::HostFunction::{self, *};
use playfair_machine::host::{Context, Ended, Host, Outputs};
use playfair_machine::world::World;
use playfair_types::account::AccountId;
use playfair_types::crypto::field::{Fr, fr_from_bytes, fr_to_bytes};
use playfair_types::crypto::poseidon::{poseidon2, poseidon5};
use playfair_types::limits::GAS_SCHEDULE;
use playfair_types::outbox::Content;
use playfair_types::receipt::Trap;

pub(crate) const ARGUMENT: Ended = Ended::Trapped(Trap::HostArgument);
pub(crate) const LIMIT: Ended = Ended::Trapped(Trap::HostLimit);
/// Size of the memory under test.
pub(crate) const SIZE: u64 = 65_536;

/// Prices.
pub(crate) const WORD: u32 = GAS_SCHEDULE.word;
pub(crate) const PERMUTATION: u32 = GAS_SCHEDULE.permutation;
pub(crate) const KEY: u32 = GAS_SCHEDULE.state_key;
pub(crate) const WRITE: u32 = GAS_SCHEDULE.state_write;
const FRAME: u32 = GAS_SCHEDULE.message_frame;

/// A host function's bench: one host, one memory filled with `0xaa`.
pub(crate) struct Bench {
    pub(crate) host: Host,
    pub(crate) memory: Vec<u8>,
    pub(crate) gas: u32,
}

pub(crate) fn context() -> Context {
    Context {
        chain_id: Fr::from(0x0102_0304u64),
        has_l1: true,
        height: u64::MAX - 1,
        time_ms: 1 << 47,
        randomness: core::array::from_fn(|index| index as u8 + 1),
        caller: AccountId([0x11; 20]),
        value: 0x0102,
        payload: b"hello".to_vec(),
        read_only: false,
        schedule: GAS_SCHEDULE,
    }
}

impl Bench {
    pub(crate) fn new(world: World, context: Context) -> Self {
        Self {
            host: Host::new(world, context),
            memory: vec![0xaa; SIZE as usize],
            gas: 1_000_000,
        }
    }

    pub(crate) fn plain() -> Self {
        Self::new(World::default(), context())
    }

    pub(crate) fn call(&mut self, function: HostFunction, arguments: &[u64]) -> Result<Option<u64>, Ended> {
        let mut memory = self.memory.as_mut_slice();
        self.host.invoke(function, arguments, &mut memory, &mut self.gas)
    }

    /// Succeeds with this result at exactly the fixed price and this, and one gas less is out of gas without a trace.
    pub(crate) fn ok(&mut self, function: HostFunction, arguments: &[u64], result: Option<u64>, beside: u32) {
        let price = function.fixed_gas(GAS_SCHEDULE) + beside;
        let before = self.memory.clone();
        for poor in [0, price / 2, price - 1] {
            self.gas = poor;
            assert_eq!(
                self.call(function, arguments),
                Err(Ended::OutOfGas),
                "{function:?} for {poor}"
            );
            assert!(self.memory == before, "{function:?} acted before it was paid");
        }
        self.gas = price + 7;
        assert_eq!(self.call(function, arguments), Ok(result), "{function:?}");
        assert_eq!(self.gas, 7, "the price of {function:?} {arguments:?}");
    }

    /// Is refused after its fixed price alone, before anything is written.
    pub(crate) fn refused(&mut self, function: HostFunction, arguments: &[u64], how: Ended) {
        let before = self.memory.clone();
        let fixed = function.fixed_gas(GAS_SCHEDULE);
        self.gas = fixed - 1;
        assert_eq!(
            self.call(function, arguments),
            Err(Ended::OutOfGas),
            "{function:?} is priced first"
        );
        self.gas = fixed;
        let found = self.call(function, arguments);
        assert_eq!(found, Err(how), "{function:?} {arguments:?}");
        assert_eq!(self.gas, 0, "{function:?} {arguments:?}");
        assert!(self.memory == before, "{function:?} {arguments:?}");
    }

    pub(crate) fn put(&mut self, at: u64, bytes: &[u8]) {
        self.memory[at as usize..][..bytes.len()].copy_from_slice(bytes);
    }

    pub(crate) fn at(&self, at: u64, count: usize) -> &[u8] {
        &self.memory[at as usize..][..count]
    }

    pub(crate) fn outputs(self) -> Outputs {
        self.host.into_parts().1
    }
}

/// Pointers that no function takes for `length` bytes.
pub(crate) fn bad_pointers(length: u64) -> Vec<u64> {
    let mut bad = vec![1, 4, 7, SIZE + 8, 0x8000_0000, 0xffff_fff8, 0xffff_ffff, SIZE - 1];
    if length > 0 {
        bad.extend([SIZE, SIZE + 8 - length.next_multiple_of(8)]);
    }
    bad
}

fn little_endian(element: Fr) -> [u8; 32] {
    let mut bytes = fr_to_bytes(&element);
    bytes.reverse();
    bytes
}

#[test]
fn what_surrounds_the_call_is_written_in_whole_words() {
    let mut bench = Bench::plain();
    bench.ok(Input, &[8], None, WORD);
    assert_eq!(
        bench.at(0, 24),
        [&[0xaa; 8], b"hello\0\0\0".as_slice(), &[0xaa; 8]].concat()
    );
    bench.ok(Caller, &[SIZE - 24], None, 0);
    assert_eq!(bench.at(SIZE - 24, 24), [[0x11; 20].as_slice(), &[0; 4]].concat());
    bench.ok(Value, &[16], None, 0);
    assert_eq!(
        bench.at(16, 24),
        [[2, 1].as_slice(), &[0; 14], &[0xaa; 8]].concat()
    );
    bench.ok(ChainId, &[48], None, 0);
    assert_eq!(bench.at(48, 32), [[4, 3, 2, 1].as_slice(), &[0; 28]].concat());
    bench.ok(Randomness, &[80], None, 0);
    let random: Vec<u8> = (1..=31).rev().chain([0]).collect();
    assert_eq!(bench.at(80, 32), random);
    assert_eq!(
        fr_from_bytes(&{
            let mut bytes = [0; 32];
            bytes.copy_from_slice(bench.at(80, 32));
            bytes.reverse();
            bytes
        })
        .map(|element| fr_to_bytes(&element)[1..].to_vec()),
        Some((1..=31).collect()),
        "a field element"
    );
    bench.ok(Height, &[], Some(u64::MAX - 1), 0);
    bench.ok(Time, &[], Some(1 << 47), 0);
    for (function, length) in [
        (Input, 5),
        (Caller, 20),
        (Value, 16),
        (ChainId, 32),
        (Randomness, 32),
    ] {
        for pointer in bad_pointers(length) {
            bench.refused(function, &[pointer], ARGUMENT);
        }
    }
}

#[test]
fn an_empty_payload_fits_the_very_end_and_no_memory_fits_nothing() {
    let mut bench = Bench::new(
        World::default(),
        Context {
            payload: Vec::new(),
            ..context()
        },
    );
    bench.ok(Input, &[SIZE], None, 0);
    for pointer in bad_pointers(0) {
        bench.refused(Input, &[pointer], ARGUMENT);
    }
    bench.memory.clear();
    bench.ok(Input, &[0], None, 0);
    bench.ok(Output, &[0, 0], None, PERMUTATION);
    bench.ok(Set, &[0, 0, 0, 0], None, PERMUTATION + KEY + WRITE);
    bench.ok(Height, &[], Some(u64::MAX - 1), 0);
    for function in [Caller, Value, ChainId, Randomness] {
        bench.refused(function, &[0], ARGUMENT);
    }
    bench.refused(Output, &[0, 1], ARGUMENT);
    bench.refused(Input, &[8], ARGUMENT);
}

#[test]
fn a_full_payload_reaches_the_very_end() {
    let payload = vec![0x5c; 4096];
    let mut bench = Bench::new(
        World::default(),
        Context {
            payload: payload.clone(),
            ..context()
        },
    );
    bench.ok(Input, &[SIZE - 4096], None, 512 * WORD);
    assert_eq!(bench.at(SIZE - 4096, 4096), payload);
    bench.refused(Input, &[SIZE - 4088], ARGUMENT);
}

#[test]
fn output_revert_and_log_take_bytes_within_their_limits() {
    for (function, most) in [(Output, 1024), (Revert, 256), (Log, 1024)] {
        let mut bench = Bench::plain();
        for length in [most + 1, 4096, 0x7fff_ffff, 0x8000_0000, 0xffff_fff9, 0xffff_ffff] {
            for at in [0, 8, SIZE - 8, 0xffff_fff8] {
                bench.refused(function, &[at, length], ARGUMENT);
            }
        }
        for pointer in bad_pointers(8) {
            bench.refused(function, &[pointer, 8], ARGUMENT);
        }
    }
    let mut bench = Bench::plain();
    bench.put(0, &[1; 1024]);
    bench.ok(Output, &[0, 1024], None, 128 * WORD + 11 * PERMUTATION);
    bench.ok(Output, &[SIZE, 0], None, PERMUTATION);
    bench.put(SIZE - 8, b"last one");
    bench.ok(Output, &[SIZE - 8, 7], None, WORD + PERMUTATION);
    bench.ok(Log, &[SIZE - 8, 8], None, WORD);
    bench.ok(Log, &[SIZE - 8, 0], None, 0);
    let outputs = bench.outputs();
    assert_eq!(outputs.output, b"last on", "the last call counts");
    assert_eq!(outputs.logs, ["last one", ""]);

    let mut bench = Bench::plain();
    bench.put(0, &[b'x'; 256]);
    let price = Revert.fixed_gas(GAS_SCHEDULE) + 32 * WORD + 3 * PERMUTATION;
    bench.gas = price - 1;
    assert_eq!(bench.call(Revert, &[0, 256]), Err(Ended::OutOfGas));
    bench.gas = price;
    assert_eq!(
        bench.call(Revert, &[0, 256]),
        Err(Ended::Reverted(vec![b'x'; 256]))
    );
    assert_eq!(bench.gas, 0);
}

#[test]
fn logs_are_bounded_and_whatever_bytes() {
    let mut bench = Bench::plain();
    bench.put(0, &[0xff; 8]);
    for _ in 0..300 {
        bench.gas = Log.fixed_gas(GAS_SCHEDULE) + WORD;
        assert_eq!(bench.call(Log, &[0, 8]), Ok(None), "priced and ignored");
    }
    assert_eq!(bench.outputs().logs.len(), 256);
}

#[test]
fn events_are_counted_after_their_arguments_and_before_their_price() {
    let mut bench = Bench::plain();
    for topic in [65_536, 0x8000_0000, 0xffff_ffff] {
        bench.refused(Emit, &[topic, 0, 0], ARGUMENT);
    }
    for length in [1025, 0xffff_ffff] {
        bench.refused(Emit, &[0, 0, length], ARGUMENT);
    }
    for pointer in bad_pointers(24) {
        bench.refused(Emit, &[0, pointer, 24], ARGUMENT);
    }
    bench.ok(Emit, &[65_535, SIZE, 0], None, PERMUTATION);
    bench.ok(Emit, &[1, 0, 72], None, 9 * WORD + PERMUTATION);
    bench.ok(Emit, &[1, 0, 73], None, 10 * WORD + 2 * PERMUTATION);
    bench.ok(Emit, &[1, SIZE - 1024, 1024], None, 128 * WORD + 11 * PERMUTATION);
    for _ in 4..64 {
        bench.ok(Emit, &[1, 0, 0], None, PERMUTATION);
    }
    bench.refused(Emit, &[65_536, 0, 0], ARGUMENT);
    // The fixed price is there, the rest is not: the count comes before it.
    bench.refused(Emit, &[1, 0, 1024], LIMIT);
    let outputs = bench.outputs();
    assert_eq!(outputs.events.len(), 64);
    assert_eq!(
        (outputs.events[0].topic, outputs.events[0].data.len()),
        (65_535, 0)
    );
}

#[test]
fn messages_are_counted_with_withdrawals() {
    let mut bench = Bench::plain();
    bench.put(0, &[0x22; 20]);
    bench.put(64, &[7; 1024]);
    for pointer in bad_pointers(20) {
        bench.refused(Send, &[pointer, 64, 8], ARGUMENT);
    }
    for pointer in bad_pointers(8) {
        bench.refused(Send, &[0, pointer, 8], ARGUMENT);
    }
    for length in [1025, 0xffff_ffff] {
        bench.refused(Send, &[0, 64, length], ARGUMENT);
    }
    bench.ok(Send, &[0, SIZE, 0], Some(0), 0);
    bench.ok(Send, &[0, 64, 124], Some(0), 16 * WORD + FRAME);
    bench.ok(Send, &[0, 64, 125], Some(0), 16 * WORD + 2 * FRAME);
    bench.ok(Send, &[SIZE - 24, 64, 1024], Some(0), 128 * WORD + 9 * FRAME);
    for _ in 4..16 {
        bench.ok(Send, &[0, 64, 0], Some(0), 0);
    }
    bench.refused(Send, &[0, 64, 1025], ARGUMENT);
    bench.refused(Send, &[0, 64, 1024], LIMIT);
    bench.put(32, &[0; 16]);
    bench.refused(Withdraw, &[0, 32], ARGUMENT);
    bench.put(32, &[1; 16]);
    bench.refused(Withdraw, &[0, 32], LIMIT);
    let outputs = bench.outputs();
    assert_eq!(outputs.messages.len(), 16);
    assert!(
        outputs
            .messages
            .iter()
            .all(|message| message.sender == AccountId::MODULE)
    );
    let Content::ToL1 { to, payload } = &outputs.messages[2].content else {
        panic!("bytes")
    };
    assert_eq!((to.0, payload.as_slice()), ([0x22; 20], [7; 125].as_slice()));
}

#[test]
fn without_l1_nothing_is_sent_and_all_is_paid() {
    let mut bench = Bench::new(
        World::default(),
        Context {
            has_l1: false,
            ..context()
        },
    );
    bench.put(0, &[1; 64]);
    bench.ok(Send, &[0, 0, 64], Some(2), 8 * WORD + FRAME);
    bench.ok(Withdraw, &[0, 0], Some(2), KEY + WRITE);
    bench.ok(Withdraw, &[0, 0], Some(2), 0);
    bench.refused(Send, &[0, 0, 1025], ARGUMENT);
    assert!(bench.outputs().messages.is_empty());
}

#[test]
fn poseidon_takes_canonical_elements_only() {
    let mut bench = Bench::plain();
    let elements: Vec<Fr> = (1..6).map(|number| -Fr::from(number as u64)).collect();
    for (index, element) in elements.iter().enumerate() {
        bench.put(32 * index as u64, &little_endian(*element));
    }
    bench.ok(Poseidon2, &[0, 1024], None, 0);
    assert_eq!(
        bench.at(1024, 32),
        little_endian(poseidon2(elements[0], elements[1]))
    );
    let five = little_endian(poseidon5(&core::array::from_fn(|index| elements[index])));
    bench.ok(Poseidon5, &[0, SIZE - 32], None, 0);
    assert_eq!(bench.at(SIZE - 32, 32), five);
    for pointer in bad_pointers(64) {
        bench.refused(Poseidon2, &[pointer, 1024], ARGUMENT);
    }
    for pointer in bad_pointers(160) {
        bench.refused(Poseidon5, &[pointer, 1024], ARGUMENT);
    }
    for pointer in bad_pointers(32) {
        bench.refused(Poseidon2, &[0, pointer], ARGUMENT);
        bench.refused(Poseidon5, &[0, pointer], ARGUMENT);
    }
    // The modulus itself, and all ones, at every place.
    let mut modulus = little_endian(-Fr::from(1u64));
    modulus[0] += 1;
    for bad in [modulus, [0xff; 32]] {
        for place in 0..5 {
            let good = bench.at(32 * place, 32).to_vec();
            bench.put(32 * place, &bad);
            bench.refused(Poseidon5, &[0, 1024], ARGUMENT);
            if place < 2 {
                bench.refused(Poseidon2, &[0, 1024], ARGUMENT);
            }
            bench.put(32 * place, &good);
        }
    }
    // In place.
    bench.ok(Poseidon5, &[0, 0], None, 0);
    assert_eq!(bench.at(0, 32), five);
}

#[test]
fn a_query_may_only_read() {
    for function in HostFunction::ALL {
        let mut bench = Bench::new(
            World::default(),
            Context {
                read_only: true,
                ..context()
            },
        );
        bench.put(0, &[0; 512]);
        if function.signature().read_only {
            let result = bench.call(*function, &[0, 0, 0, 0]);
            let ended = *function == Revert;
            assert_eq!(result.is_err(), ended, "{function:?}: {result:?}");
        } else {
            bench.refused(*function, &[0, 0, 0, 0], ARGUMENT);
        }
    }
}

#[test]
fn upper_halves_of_arguments_are_not_read() {
    let mut bench = Bench::plain();
    bench.ok(Input, &[0xffff_ffff_0000_0000], None, WORD);
    assert_eq!(bench.at(0, 5), b"hello");
}
