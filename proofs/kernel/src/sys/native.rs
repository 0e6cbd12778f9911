//! A machine for tests: the intrinsics in Rust, modules as closures, one program at a time in each thread.

use crate::hint;
use crate::memory::Memory;
use playfair_types::crypto::field::Fr;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

/// Answers hints.
pub trait Answers {
    /// A word; `guest` reads the word of the module's memory at a multiple of 8.
    fn word(&mut self, kind: u32, arg: &Fr, guest: &dyn Fn(u32) -> u64) -> u64;
    /// An element.
    fn element(&mut self, kind: u32, arg: &Fr) -> Fr;
}

impl<S: crate::oracle::State> Answers for crate::oracle::Oracle<S> {
    fn word(&mut self, kind: u32, arg: &Fr, guest: &dyn Fn(u32) -> u64) -> u64 {
        Self::word(self, kind, arg, guest)
    }

    fn element(&mut self, kind: u32, arg: &Fr) -> Fr {
        Self::element(self, kind, arg)
    }
}

/// An entry point of a module, with its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// `call(entry, length)`.
    Call(u32, u32),
    /// `init(length)`.
    Init(u32),
    /// `tick()`.
    Tick,
}

/// What a module does.
pub type Body = Rc<dyn Fn(Entry)>;

/// The program's constants and its module.
#[derive(Clone)]
pub struct Linked {
    /// The module's hash.
    pub hash: Fr,
    /// Initial size of its memory, bytes.
    pub memory_bytes: u32,
    /// Most bytes that its memory may have.
    pub memory_max: u32,
    /// Whether it has an init.
    pub has_init: bool,
    /// Whether it has a tick.
    pub has_tick: bool,
    /// What it does.
    pub body: Body,
    /// Rows of the auxiliary table by tag and key.
    pub aux: HashMap<(i32, u64), (u64, u64)>,
    /// Elements of its table.
    pub table_size: u64,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Its end was reached.
    Finished,
    /// There is no proof.
    Stuck,
}

/// What was executed, by the rows that it takes at least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls of poseidon5.
    pub poseidon5: u64,
    /// Calls of poseidon2.
    pub poseidon2: u64,
    /// Hints of both kinds.
    pub hints: u64,
    /// Field operations, comparisons included.
    pub field: u64,
    /// Calls of curve64.
    pub curve: u64,
    /// Loads and stores of the module's memory.
    pub guest: u64,
}

struct Machine {
    public: [Fr; 31],
    linked: Linked,
    answers: Box<dyn Answers>,
    gas: i128,
    limit: u64,
    guest: HashMap<u32, u64>,
    registers: HashMap<u64, Fr>,
    xpc: u64,
    slots: u64,
    point: (Fr, Fr),
    counts: Counts,
}

enum Stop {
    Exit,
    Reset,
    Fail,
    Finish,
}

thread_local! {
    static MACHINE: RefCell<Option<Machine>> = const { RefCell::new(None) };
    static MEMORY: RefCell<Option<Rc<Memory>>> = const { RefCell::new(None) };
    static FAILED: Cell<Option<&'static std::panic::Location<'static>>> = const { Cell::new(None) };
}

fn machine<R>(use_it: impl FnOnce(&mut Machine) -> R) -> R {
    MACHINE.with_borrow_mut(|machine| use_it(machine.as_mut().expect("no program runs in this thread")))
}

/// Runs a program with these public inputs.
///
/// # Panics
/// When the kernel or the module does.
pub fn run(public: [Fr; 31], linked: Linked, answers: Box<dyn Answers>) -> (End, Counts) {
    let limit = 0;
    let machine = Machine {
        public,
        linked,
        answers,
        gas: 0,
        limit,
        guest: HashMap::new(),
        registers: HashMap::new(),
        xpc: 0,
        slots: 0,
        point: (Fr::from(0u64), Fr::from(0u64)),
        counts: Counts::default(),
    };
    MACHINE.set(Some(machine));
    MEMORY.set(Some(Rc::new(Memory::new())));
    FAILED.set(None);
    let mut next: fn() -> ! = crate::segment::boot;
    let end = loop {
        let stopped = catch_unwind(AssertUnwindSafe(|| next()));
        let Err(stopped) = stopped;
        match stopped.downcast::<Stop>() {
            Ok(stop) => match *stop {
                Stop::Exit => next = crate::ending::trapped,
                Stop::Reset => next = crate::ending::resume,
                Stop::Fail => break End::Stuck,
                Stop::Finish => break End::Finished,
            },
            Err(panic) => resume_unwind(panic),
        }
    };
    let counts = MACHINE.take().map(|machine| machine.counts).unwrap_or_default();
    (end, counts)
}

/// Where the last program of this thread got stuck: file and line.
#[must_use]
pub fn stuck_at() -> Option<String> {
    FAILED.get().map(ToString::to_string)
}

/// Puts EXIT in place of the instruction at a code index, in a frame, as a prover may at any row.
pub fn exit_at(index: u64, frame: u64) -> ! {
    machine(|machine| machine.xpc = index << 16 | frame);
    resume_unwind(Box::new(Stop::Exit))
}

/// Charges gas as module code does: below zero if it does not fit.
pub fn burn(gas: u32) {
    machine(|machine| machine.gas -= i128::from(gas));
}

/// The gas that is left.
#[must_use]
pub fn gas_left() -> i128 {
    machine(|machine| machine.gas)
}

/// Sets a register.
pub fn set_register(address: u64, value: u64) {
    machine(|machine| machine.registers.insert(address, Fr::from(value)));
}

/// Sets the frame slots that the run takes.
pub fn set_slots(slots: u64) {
    machine(|machine| machine.slots = slots);
}

/// Writes a word of the module's memory.
pub fn poke(address: u32, word: u64) {
    machine(|machine| machine.guest.insert(address, word));
}

/// Reads a word of the module's memory.
#[must_use]
pub fn peek(address: u32) -> u64 {
    machine(|machine| machine.guest.get(&address).copied().unwrap_or_default())
}

/// Calls an export of the kernel that modules use: a host function by its name, `memory_size`, `memory_grow`, `bulk_charge`.
/// Results are zero-extended, and 0 for a function without one.
///
/// # Panics
/// When there is no such function.
pub fn host(name: &str, arguments: [u32; 4]) -> u64 {
    use crate::host as h;
    let [a, b, c, d] = arguments;
    match name {
        "input" => h::input(a),
        "output" => h::output(a, b),
        "revert" => h::revert(a, b),
        "get" => return u64::from(h::get(a, b, c, d)),
        "set" => h::set(a, b, c, d),
        "remove" => return u64::from(h::remove(a, b)),
        "exists" => return u64::from(h::exists(a, b)),
        "emit" => h::emit(a, b, c),
        "send" => return u64::from(h::send(a, b, c)),
        "caller" => h::caller(a),
        "value" => h::value(a),
        "chain_id" => h::chain_id(a),
        "height" => return h::height(),
        "time" => return h::time(),
        "randomness" => h::randomness(a),
        "balance" => h::balance(a, b),
        "transfer" => return u64::from(h::transfer(a, b)),
        "withdraw" => return u64::from(h::withdraw(a, b)),
        "poseidon2" => h::poseidon2(a, b),
        "poseidon5" => h::poseidon5(a, b),
        "log" => h::log(a, b),
        "memory_size" => return u64::from(h::memory_size()),
        "memory_grow" => return u64::from(h::memory_grow(a)),
        "bulk_charge" => return u64::from(h::bulk_charge(a)),
        _ => panic!("no function {name}"),
    }
    0
}

/// The intrinsics, as the kernel calls them.
pub(crate) mod intrinsics {
    use super::{Entry, FAILED, Fr, MEMORY, Memory, Rc, Stop, hint as kinds, machine, resume_unwind};
    use ark_ff::{Field, PrimeField};
    use playfair_types::crypto::babyjubjub::BASE8;

    /// A field element.
    #[derive(Clone, Copy)]
    pub(crate) struct F(Fr);

    impl F {
        /// The word as an element. In a constant the word is 0.
        #[inline(always)]
        pub(crate) const fn word(word: u64) -> Self {
            // Montgomery form is not made by hand: a constant multiple of one limb is.
            Self(Fr::new(ark_ff::BigInt::new([word, 0, 0, 0])))
        }

        /// The element as the word that it is.
        pub(crate) fn known_word(self) -> u64 {
            let [word, a, b, c] = self.0.into_bigint().0;
            assert_eq!([a, b, c], [0; 3], "what was known to be a word is none");
            word
        }
    }

    pub(crate) fn memory() -> Rc<Memory> {
        MEMORY.with_borrow(|memory| memory.as_ref().expect("no program runs in this thread").clone())
    }

    fn counted(result: Fr) -> F {
        machine(|machine| machine.counts.field += 1);
        F(result)
    }

    pub(crate) fn f_add(a: F, b: F) -> F {
        counted(a.0 + b.0)
    }

    pub(crate) fn f_sub(a: F, b: F) -> F {
        counted(a.0 - b.0)
    }

    pub(crate) fn f_mul(a: F, b: F) -> F {
        counted(a.0 * b.0)
    }

    pub(crate) fn f_lin<const SA: i32, const SB: i32>(a: F, b: F) -> F {
        let power = |shift: i32| Fr::from(2u64).pow([shift as u64]);
        counted(a.0 * power(SA) + b.0 * power(SB))
    }

    pub(crate) fn f_const<const W0: u64, const W1: u64, const W2: u64, const W3: u64>() -> F {
        counted(Fr::from_bigint(ark_ff::BigInt::new([W0, W1, W2, W3])).expect("a constant below the modulus"))
    }

    pub(crate) fn f_eq(a: F, b: F) -> bool {
        counted(a.0).0 == b.0
    }

    pub(crate) fn hint<const KIND: u32>(arg: F) -> u64 {
        const { assert!(!kinds::is_element(KIND)) };
        machine(|machine| {
            machine.counts.hints += 1;
            let guest = &machine.guest;
            let read = |address: u32| guest.get(&address).copied().unwrap_or_default();
            machine.answers.word(KIND, &arg.0, &read)
        })
    }

    pub(crate) fn hint_f<const KIND: u32>(arg: F) -> F {
        const { assert!(kinds::is_element(KIND)) };
        machine(|machine| {
            machine.counts.hints += 1;
            F(machine.answers.element(KIND, &arg.0))
        })
    }

    pub(crate) fn poseidon5(a: F, b: F, c: F, d: F, e: F) -> F {
        machine(|machine| machine.counts.poseidon5 += 1);
        F(playfair_types::crypto::poseidon::poseidon5(&[
            a.0, b.0, c.0, d.0, e.0,
        ]))
    }

    pub(crate) fn poseidon2(a: F, b: F) -> F {
        machine(|machine| machine.counts.poseidon2 += 1);
        F(playfair_types::crypto::poseidon::poseidon2(a.0, b.0))
    }

    /// Complete addition in circomlib's coordinates.
    fn plus((x1, y1): (Fr, Fr), (x2, y2): (Fr, Fr)) -> (Fr, Fr) {
        let (a, d) = (Fr::from(168_700u64), Fr::from(168_696u64));
        let t = d * x1 * x2 * y1 * y2;
        let inverse = |e: Fr| e.inverse().expect("complete");
        (
            (x1 * y2 + y1 * x2) * inverse(Fr::ONE + t),
            (y1 * y2 - a * x1 * x2) * inverse(Fr::ONE - t),
        )
    }

    pub(crate) fn curve64(p: [F; 2], t: [F; 2], u: [F; 2], s: u64, h: u64) {
        let pair = |[x, y]: [F; 2]| (x.0, y.0);
        let (mut p, t, u, base) = (pair(p), pair(t), pair(u), (BASE8.x(), BASE8.y()));
        for bit in (0..64).rev() {
            p = plus(p, p);
            p = match (s >> bit & 1, h >> bit & 1) {
                (0, 0) => p,
                (1, 0) => plus(p, base),
                (0, _) => plus(p, t),
                _ => {
                    assert_eq!(plus(t, base), u, "U is T + B8");
                    plus(p, u)
                }
            };
        }
        machine(|machine| {
            machine.counts.curve += 1;
            machine.point = p;
        });
    }

    pub(crate) fn curve_x() -> F {
        machine(|machine| F(machine.point.0))
    }

    pub(crate) fn curve_y() -> F {
        machine(|machine| F(machine.point.1))
    }

    pub(crate) fn guest_load<const OFFSET: u32>(address: u32) -> u64 {
        let address = address + OFFSET;
        machine(|machine| {
            machine.counts.guest += 1;
            assert!(
                address.is_multiple_of(8) && u64::from(address) + 8 <= machine.limit,
                "outside"
            );
            machine.guest.get(&address).copied().unwrap_or_default()
        })
    }

    pub(crate) fn guest_store<const OFFSET: u32>(address: u32, word: u64) {
        let address = address + OFFSET;
        machine(|machine| {
            machine.counts.guest += 1;
            assert!(
                address.is_multiple_of(8) && u64::from(address) + 8 <= machine.limit,
                "outside"
            );
            machine.guest.insert(address, word);
        });
    }

    pub(crate) fn gas() -> F {
        machine(|machine| match u64::try_from(machine.gas) {
            Ok(gas) => F(Fr::from(gas)),
            Err(_) => F(-Fr::from(machine.gas.unsigned_abs())),
        })
    }

    pub(crate) fn gas_below(price: u32) -> bool {
        machine(|machine| machine.gas < i128::from(price))
    }

    pub(crate) fn gas_sub(price: u32) {
        machine(|machine| machine.gas -= i128::from(price));
    }

    pub(crate) fn set_gas(gas: u32) {
        machine(|machine| machine.gas = i128::from(gas));
    }

    pub(crate) fn set_memory<const NEW_RUN: i32>(bytes: u32) {
        machine(|machine| {
            if NEW_RUN != 0 {
                machine.guest.clear();
            }
            machine.limit = u64::from(bytes);
        });
    }

    pub(crate) fn aux<const TAG: i32>(key: u64) -> F {
        if TAG == super::super::PUBLIC {
            return machine(|machine| F(machine.public[key as usize]));
        }
        match machine(|machine| machine.linked.aux.get(&(TAG, key)).copied()) {
            Some((value, _)) => F(Fr::from(value)),
            None => fail(),
        }
    }

    pub(crate) fn aux2<const TAG: i32>(key: u64) -> F {
        match machine(|machine| machine.linked.aux.get(&(TAG, key)).copied()) {
            Some((_, value)) => F(Fr::from(value)),
            None => fail(),
        }
    }

    pub(crate) fn raw(address: u64) -> F {
        machine(|machine| F(machine.registers.get(&address).copied().unwrap_or_default()))
    }

    pub(crate) fn xpc() -> F {
        machine(|machine| F(Fr::from(machine.xpc)))
    }

    pub(crate) fn slots() -> u64 {
        machine(|machine| machine.slots)
    }

    pub(crate) fn exit() -> ! {
        machine(|machine| machine.xpc = 5 << 16);
        resume_unwind(Box::new(Stop::Reset))
    }

    #[track_caller]
    pub(crate) fn fail() -> ! {
        FAILED.set(Some(std::panic::Location::caller()));
        resume_unwind(Box::new(Stop::Fail))
    }

    pub(crate) fn finish() -> ! {
        resume_unwind(Box::new(Stop::Finish))
    }

    /// The module that the program is linked with.
    pub(crate) mod module {
        use super::{Entry, F, machine};

        fn enter(entry: Entry) {
            let body = machine(|machine| machine.linked.body.clone());
            body(entry);
        }

        pub(crate) fn call(entry: u32, length: u32) {
            enter(Entry::Call(entry, length));
        }

        pub(crate) fn init(length: u32) {
            enter(Entry::Init(length));
        }

        pub(crate) fn tick() {
            enter(Entry::Tick);
        }

        pub(crate) fn reset() {}

        pub(crate) fn module_hash() -> F {
            machine(|machine| F(machine.linked.hash))
        }

        pub(crate) fn memory_bytes() -> u32 {
            machine(|machine| machine.linked.memory_bytes)
        }

        pub(crate) fn memory_max() -> u32 {
            machine(|machine| machine.linked.memory_max)
        }

        pub(crate) fn table_size() -> u64 {
            machine(|machine| machine.linked.table_size)
        }

        pub(crate) fn has_init() -> bool {
            machine(|machine| machine.linked.has_init)
        }

        pub(crate) fn has_tick() -> bool {
            machine(|machine| machine.linked.has_tick)
        }

        pub(crate) fn gas_schedule() -> u64 {
            crate::prices::VERSION
        }
    }
}
