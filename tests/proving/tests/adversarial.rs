//! Modules that push one lane as far as gas lets them: whatever they do, their call fits the largest shape, however the module is
//! lowered; what they cannot pay is out of gas, which the kernel accepts; and the lanes that the runtime counts are the rows' own.

use playfair_admission::{Admitted, admit};
use playfair_machine::Applied;
use playfair_proofs_isa::ops::Op;
use playfair_proofs_isa::trace::Trace;
use playfair_proofs_prover::module::{Module, Shape};
use playfair_proofs_prover::segment::{Segment, trace};
use playfair_proofs_prover::state::{Around, Source};
use playfair_proving::caller::{Caller, started};
use playfair_proving::constraints;
use playfair_proving::history::{Step, make, segment};
use playfair_runtime::local::Start;
use playfair_types::account::AccountId;
use playfair_types::crypto::field::Fr;
use playfair_types::limits::{CALL_GAS_MAX, GAS_SCHEDULE};
use playfair_types::receipt::Outcome;
use playfair_types::tape::call::Call;

/// Rows of the largest shape, less those that blinding may take.
const ROWS: u32 = (1 << 19) - 64;

const IMPORTS: &str = r#"
  (import "playfair" "output" (func $output (param i32 i32)))
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "remove" (func $remove (param i32 i32) (result i32)))
  (import "playfair" "exists" (func $exists (param i32 i32) (result i32)))
  (import "playfair" "emit" (func $emit (param i32 i32 i32)))
  (import "playfair" "caller" (func $caller (param i32)))
  (import "playfair" "randomness" (func $randomness (param i32)))
  (import "playfair" "balance" (func $balance (param i32 i32)))
  (import "playfair" "transfer" (func $transfer (param i32 i32) (result i32)))
  (import "playfair" "poseidon2" (func $poseidon2 (param i32 i32)))
  (import "playfair" "poseidon5" (func $poseidon5 (param i32 i32)))
  (import "playfair" "height" (func $height (result i64)))
"#;

/// The bodies of loops that go on until there is no gas, each with what stands before the loop.
const LANES: [(&str, &str, &str); 27] = [
    ("nothing", "", ""),
    (
        "arithmetic",
        "",
        "(local.set $i (i32.mul (local.get $i) (i32.const 3)))",
    ),
    (
        "signed division",
        "",
        "(local.set $i (i32.div_s (local.get $j) (i32.const -3)))",
    ),
    (
        "signed comparison",
        "",
        "(drop (i32.lt_s (local.get $i) (local.get $j)))",
    ),
    ("ones", "", "(local.set $w (i64.popcnt (local.get $w)))"),
    ("zeros", "", "(local.set $w (i64.clz (local.get $w)))"),
    (
        "shifts",
        "",
        "(local.set $w (i64.shr_s (local.get $w) (local.get $w)))",
    ),
    (
        "choices",
        "",
        "(local.set $i (select (local.get $i) (local.get $j) (local.get $k)))",
    ),
    (
        "new words",
        "",
        "(i64.store offset=64 (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i64.const 0))",
    ),
    (
        "words at odd places",
        "",
        "(i64.store offset=65 (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $w))",
    ),
    (
        "halves at odd places",
        "",
        "(i32.store offset=67 (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get $j))",
    ),
    (
        "cut stores at odd places",
        "",
        "(i64.store32 offset=69 (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get $w))",
    ),
    (
        "bytes",
        "",
        "(i32.store8 offset=64 (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get $j))",
    ),
    (
        "loads at odd places",
        "",
        "(local.set $w (i64.load32_s offset=71 (local.tee $i (i32.add (local.get $i) (i32.const 8)))))",
    ),
    ("calls", "", "(call $nothing)"),
    ("indirect calls", "", "(call_indirect (local.get $k))"),
    (
        "jumps",
        "",
        "(block (block (block (br_table 0 1 2 (local.get $i)))))",
    ),
    ("sizes", "", "(drop (memory.size))"),
    (
        "fills",
        "",
        "(memory.fill (i32.const 3) (i32.const 7) (i32.const 13))",
    ),
    (
        "a fill whose price has 33 bits",
        "",
        "(memory.fill (i32.const 0) (i32.const 0) (i32.const -1))",
    ),
    (
        "copies",
        "",
        "(memory.copy (i32.const 13) (i32.const 8) (i32.const 4095))",
    ),
    (
        "new keys",
        "",
        "(i32.store (i32.const 0) (local.tee $i (i32.add (local.get $i) (i32.const 1))))
        (call $set (i32.const 0) (i32.const 25) (i32.const 64) (i32.const 33))",
    ),
    (
        "a value again",
        "(call $set (i32.const 0) (i32.const 8) (i32.const 64) (i32.const 4096))",
        "(drop (call $get (i32.const 0) (i32.const 8) (i32.const 8192) (i32.const 4096)))",
    ),
    (
        "accounts",
        "",
        "(i32.store (i32.const 0) (local.tee $i (i32.add (local.get $i) (i32.const 1))))
        (drop (call $transfer (i32.const 0) (i32.const 64)))",
    ),
    ("cheap host calls", "", "(drop (call $height))"),
    (
        "hashes",
        "",
        "(call $poseidon2 (i32.const 0) (i32.const 0)) (call $poseidon5 (i32.const 0) (i32.const 0))",
    ),
    (
        "outputs",
        "",
        "(call $output (i32.const 64) (i32.const 1001)) (call $caller (i32.const 0)) (call $randomness (i32.const 0))",
    ),
];

fn text(before: &str, body: &str) -> String {
    format!(
        r#"(module {IMPORTS} (memory 256) (table 1 funcref) (elem (i32.const 0) $nothing) (type $n (func))
           (global $g (mut i64) (i64.const 5))
           (func $nothing)
           (func (export "call") (param $entry i32) (param $length i32) (local $i i32) (local $j i32) (local $k i32) (local $w i64)
             (local.set $j (i32.const -77)) (local.set $w (i64.const -12345678901)) {before} (loop {body} (br 0))))"#
    )
}

/// Calls of host functions that the module's code makes.
fn host_calls(module: &Module, trace: &Trace) -> u32 {
    let linked = &module.linked;
    let start = linked.program.code.len() as u32 - linked.sizes.module_rows;
    let named = |at: u32| {
        let place = linked.functions.partition_point(|(start, _)| *start <= at);
        &linked.functions[place - 1].1
    };
    let calls = trace.steps.windows(2).filter(|steps| {
        let (step, next) = (&steps[0], &steps[1]);
        let call = Op::of(&linked.program.code[step.pcl as usize]) == Ok(Op::Call);
        call && step.pcl >= start && named(next.pcl).starts_with("host_")
    });
    calls.count() as u32
}

/// A chain whose module stresses one lane, and its one call.
struct Stressed {
    name: &'static str,
    admitted: Admitted,
    step: Step,
    applied: Applied,
    chain_id: Fr,
}

impl Stressed {
    fn new((name, before, body): (&'static str, &str, &str), gas_limit: u32) -> Self {
        let admitted = admit(&wat::parse_str(text(before, body)).expect("WebAssembly"));
        let admitted = admitted.unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        let mut genesis = Start::of(admitted.hash).genesis();
        genesis.params.balances = vec![(AccountId::MODULE, 1 << 100)];
        let mut local = started(&admitted, &genesis);
        let chain_id = local.chain.machine().chain_id();
        let caller = Caller::new(1);
        let call = Call {
            gas_limit,
            ..caller.first(0, &[])
        };
        let (step, mut block) = make(&mut local, 1_000, &[caller.sign(chain_id, call)]);
        let applied = block.applied.pop().expect("the call");
        assert_eq!(applied.receipt.outcome, Outcome::OutOfGas, "{name}");
        Self {
            name,
            admitted,
            step,
            applied,
            chain_id,
        }
    }

    /// The module in both lowerings.
    fn modules(&self) -> [(Module, bool); 2] {
        [false, true].map(|careful| {
            let lower = if careful { Module::careful } else { Module::new };
            let module = lower(&self.admitted.instrumented, self.admitted.hash);
            (module.expect("it lowers"), careful)
        })
    }

    fn segment(&self) -> Segment {
        segment(std::slice::from_ref(&self.step), self.chain_id)
    }

    fn around(&self) -> Around<impl Source, impl Source> {
        Around::new(&self.step.old, &self.step.new)
    }

    /// Whether it has no proof in the ordinary shapes, because it lies about its alignment.
    fn lies(&self) -> bool {
        self.name.ends_with("at odd places")
    }
}

#[test]
fn whatever_gas_admits_fits_the_largest_shape() {
    let mut most = 0;
    for lane in LANES {
        let stressed = Stressed::new(lane, CALL_GAS_MAX);
        let name = stressed.name;
        for (module, careful) in stressed.modules() {
            let trace = trace(&module.executable, &stressed.segment(), stressed.around(), ROWS);
            let trace = match trace {
                Err(_) if !careful && stressed.lies() => continue,
                trace => trace.unwrap_or_else(|fault| panic!("{name}, careful: {careful}: {fault}")),
            };
            let rows = module.rows(&trace).expect("its trace") as u32;
            assert!(rows <= ROWS, "{name}: {rows} rows");
            most = most.max(rows);
            // The last one may have been one that could not be paid.
            let (calls, counted) = (host_calls(&module, &trace), stressed.applied.lanes.host_calls);
            assert!(
                (counted..=counted + 1).contains(&calls),
                "{name}: {calls} host calls, {counted} counted"
            );
        }
    }
    assert!(most > ROWS / 4, "the lanes are really pushed: {most} rows");
    assert_eq!(Shape::ALL.iter().map(|shape| shape.k).max(), Some(19));
}

#[test]
fn every_lane_goes_through_the_constraints() {
    for lane in LANES {
        // A first key, or a few hundred turns of the others.
        let stressed = Stressed::new(lane, GAS_SCHEDULE.record_base(2) + 9_000);
        for (module, careful) in stressed.modules() {
            match constraints::shown(&module, &stressed.segment(), stressed.around()) {
                Err(_) if !careful && stressed.lies() => {}
                rows => assert!(rows.is_ok_and(|rows| rows > 3_000), "{}", stressed.name),
            }
        }
    }
}
