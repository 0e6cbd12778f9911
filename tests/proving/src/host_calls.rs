//! What host calls cost, in rows of the machine and in gas: any sequence of them, as a module runs it that takes its host calls
//! from its payload.
//!
//! A sequence is measured beside as many calls of nothing: so what is left is what the host functions take, with what the module's
//! run ends with because of them (the update of the state, hashes of outputs), and the `call` instructions themselves.

use crate::caller::{Caller, started};
use crate::cost;
use crate::history::make;
use playfair_admission::{Admitted, admit};
use playfair_proofs_prover::module::Module;
use playfair_runtime::local::Start;
use playfair_types::account::{AccountId, L1Address};
use playfair_types::chain::Origin;
use playfair_types::receipt::Outcome;
use playfair_types::tape::genesis::GenesisRecord;
use std::fmt::Write;

/// A host call: number of the function in [`FUNCTIONS`], and four arguments of which it takes as many as it has.
pub type HostCall = (u32, [u32; 4]);

/// The functions, with parameters and result; the first is none, the last are instructions that the kernel or millicode serves.
pub const FUNCTIONS: [(&str, &str, &str); 25] = [
    ("nothing", "", ""),
    ("input", "i", ""),
    ("output", "ii", ""),
    ("get", "iiii", "i"),
    ("set", "iiii", ""),
    ("remove", "ii", "i"),
    ("exists", "ii", "i"),
    ("emit", "iii", ""),
    ("send", "iii", "i"),
    ("caller", "i", ""),
    ("value", "i", ""),
    ("chain_id", "i", ""),
    ("height", "", "l"),
    ("time", "", "l"),
    ("randomness", "i", ""),
    ("balance", "ii", ""),
    ("transfer", "ii", "i"),
    ("withdraw", "ii", "i"),
    ("poseidon2", "ii", ""),
    ("poseidon5", "ii", ""),
    ("log", "ii", ""),
    ("memory.size", "", "i"),
    ("memory.grow", "i", "i"),
    ("memory.copy", "iii", ""),
    ("memory.fill", "iii", ""),
];

/// Number of a function.
///
/// # Panics
/// When there is none of this name.
#[must_use]
pub fn function(name: &str) -> u32 {
    let place = FUNCTIONS.iter().position(|(function, ..)| *function == name);
    place.expect("a host function") as u32
}

/// Where memory holds bytes that are not zero, of which every fourth word is, so that four words are a field element.
pub const DATA: u32 = 64;
/// Bytes of [`DATA`].
const DATA_BYTES: u32 = 8_192;
/// Where memory is zero, for a field element, an account or an amount; and where results go.
pub const ZEROS: u32 = 16_384;
/// Where the payload is read to.
const PAYLOAD: u32 = 32_768;
/// Bytes of a host call in the payload.
const CALL_BYTES: usize = 24;

/// The module.
fn text() -> String {
    let mut out = String::from("(module ");
    for (name, params, result) in FUNCTIONS.iter().skip(1).filter(|(name, ..)| !name.contains('.')) {
        let result = match *result {
            "i" => "(result i32)",
            "l" => "(result i64)",
            _ => "",
        };
        let params = "i32 ".repeat(params.len());
        let _ = write!(
            out,
            "(import \"playfair\" \"{name}\" (func ${name} (param {params}) {result}))"
        );
    }
    let data = "\\01\\02\\03\\04\\05\\06\\07\\08".repeat(3) + &"\\00".repeat(8);
    let _ = write!(
        out,
        "(memory 2 200) (data (i32.const {DATA}) \"{}\")",
        data.repeat(DATA_BYTES as usize / 32)
    );
    let _ = write!(
        out,
        "(func (export \"call\") (param $entry i32) (param $length i32) (local $at i32) (local $end i32)
            (local $a i32) (local $b i32) (local $c i32) (local $d i32)
            (call $input (i32.const {PAYLOAD}))
            (local.set $at (i32.const {PAYLOAD}))
            (local.set $end (i32.add (i32.const {PAYLOAD}) (local.get $length)))
            (block $done (loop $next (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
                (local.set $a (i32.load offset=4 (local.get $at))) (local.set $b (i32.load offset=8 (local.get $at)))
                (local.set $c (i32.load offset=12 (local.get $at))) (local.set $d (i32.load offset=16 (local.get $at)))"
    );
    for number in (0..FUNCTIONS.len()).rev() {
        let _ = write!(out, "(block $case{number} ");
    }
    out.push_str("(br_table ");
    for number in 0..FUNCTIONS.len() {
        let _ = write!(out, "$case{number} ");
    }
    let step = format!("(local.set $at (i32.add (local.get $at) (i32.const {CALL_BYTES}))) (br $next)");
    out.push_str("(i32.load (local.get $at)))");
    for (name, params, result) in FUNCTIONS {
        out.push(')');
        let arguments: String = ["a", "b", "c", "d"]
            .iter()
            .take(params.len())
            .map(|local| format!("(local.get ${local})"))
            .collect();
        let call = match name {
            "nothing" => String::new(),
            name if name.contains('.') => format!("({name} {arguments})"),
            name => format!("(call ${name} {arguments})"),
        };
        let _ = write!(
            out,
            "{}",
            if result.is_empty() {
                call
            } else {
                format!("(drop {call})")
            }
        );
        out.push_str(&step);
    }
    out.push_str("))))");
    out
}

/// Rows of the machine, and gas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Rows.
    pub rows: i64,
    /// Gas.
    pub gas: i64,
}

/// The module, ready to be measured.
pub struct Bench {
    admitted: Admitted,
    module: Module,
    genesis: GenesisRecord,
    caller: Caller,
}

impl Default for Bench {
    fn default() -> Self {
        Self::new(false)
    }
}

impl Bench {
    /// On a chain with an L1 or without; only without, the module's account has a balance.
    ///
    /// # Panics
    /// When the module is not admitted or has no lowering.
    #[must_use]
    pub fn new(l1: bool) -> Self {
        let wasm = wat::parse_str(text()).expect("WebAssembly");
        let admitted = admit(&wasm).unwrap_or_else(|rejection| panic!("{rejection}"));
        let module = Module::new(&admitted.instrumented, admitted.hash).expect("it lowers");
        let mut genesis = Start::of(admitted.hash).genesis();
        if l1 {
            genesis.origin = Origin {
                l1_chain_id: 1,
                settlement: L1Address([9; 20]),
                salt: [0; 31],
            };
        } else {
            genesis.params.balances = vec![(AccountId::MODULE, 1 << 100)];
        }
        Self {
            admitted,
            module,
            genesis,
            caller: Caller::new(1),
        }
    }

    /// Rows and gas of a call of these host calls, after one of others, both in one block alone.
    ///
    /// # Panics
    /// When one of them does not end ok, or has no trace.
    #[must_use]
    pub fn whole(&self, before: &[HostCall], calls: &[HostCall]) -> Cost {
        let mut local = started(&self.admitted, &self.genesis);
        let chain_id = local.chain.machine().chain_id();
        let first = self.caller.first(0, &payload(before));
        let (_, block) = make(&mut local, 1_000, &[self.caller.sign(chain_id, first)]);
        assert_eq!(block.applied.last().expect("a call").receipt.outcome, Outcome::Ok);
        let call = self.caller.call(1, 0, &payload(calls));
        let (step, block) = make(&mut local, 1_000, &[self.caller.sign(chain_id, call)]);
        let receipt = block.applied.last().expect("a call").receipt;
        assert_eq!(receipt.outcome, Outcome::Ok);
        let trace = cost::alone(&self.module, &step, chain_id);
        Cost {
            rows: cost::rows(&self.module, &trace) as i64,
            gas: i64::from(receipt.gas_used),
        }
    }

    /// What these host calls cost, beside as many of nothing.
    #[must_use]
    pub fn cost(&self, before: &[HostCall], calls: &[HostCall]) -> Cost {
        let nothing = vec![(0, [0; 4]); calls.len()];
        let (some, none) = (self.whole(before, calls), self.whole(before, &nothing));
        Cost {
            rows: some.rows - none.rows,
            gas: some.gas - none.gas,
        }
    }
}

fn payload(calls: &[HostCall]) -> Vec<u8> {
    let mut out = Vec::with_capacity(CALL_BYTES * calls.len());
    for (function, arguments) in calls {
        for word in [*function].iter().chain(arguments).chain([&0]) {
            out.extend(word.to_le_bytes());
        }
    }
    out
}
