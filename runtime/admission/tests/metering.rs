//! The gas that an instrumented module takes is the sum of the prices of the instructions that the original executes, no
//! more and no less, and it behaves as the original does: on random programs, by a machine that knows neither instrumentation
//! nor metered blocks.

mod common;

#[path = "common/machine.rs"]
mod machine;

use common::{Random, contract, validate, wat};
use machine::{End, Machine};
use playfair_admission::price::SCHEDULE;
use playfair_admission::{admit, bare, limits, measure};

const FUNCTIONS: usize = 3;
/// Parameters are the first two.
const LOCALS: usize = 5;
const STEPS: u64 = 4000;
const PLENTY: i64 = 1 << 30;

/// Writes random programs. Statements leave the stack as it is; each label has at most one result.
struct Writer {
    random: Random,
    text: String,
    /// Whether each open label takes a value; the function's is the first.
    labels: Vec<bool>,
    function: usize,
}

impl Writer {
    fn local(&mut self) -> usize {
        self.random.below(LOCALS)
    }

    fn get(&mut self) {
        let local = self.local();
        self.text += &format!("local.get {local} ");
    }

    fn set(&mut self) {
        let local = self.local();
        self.text += &format!("local.set {local} ");
    }

    fn condition(&mut self) {
        self.get();
        self.text += ["", "i32.eqz ", "i32.const 1 i32.and ", "i32.const 3 i32.lt_s "][self.random.below(4)];
    }

    fn statements(&mut self, most: usize) {
        for _ in 0..self.random.below(4) {
            self.statement(most);
        }
    }

    fn inside(&mut self, open: &str, takes: bool, most: usize) {
        self.text += open;
        self.labels.push(takes);
        self.statements(most);
    }

    fn statement(&mut self, most: usize) {
        match self.random.below(if most == 0 { 9 } else { 15 }) {
            0 => self.text += "nop ",
            1 => {
                self.get();
                self.text += "drop ";
            }
            2 | 3 => {
                self.get();
                self.text += ["i32.const 1 i32.sub ", "i32.const -3 i32.add ", ""][self.random.below(3)];
                self.set();
            }
            4 => self.branch(true),
            5 if self.random.below(3) == 0 => self.branch(false),
            6 => self.switch(),
            7 if self.function + 1 < FUNCTIONS => {
                let callee = self.function + 1 + self.random.below(FUNCTIONS - self.function - 1);
                self.get();
                self.get();
                self.text += &format!("call {callee} ");
                self.set();
            }
            8 if self.random.below(8) == 0 => self.text += "unreachable ",
            5 | 7 | 8 => {
                self.get();
                self.get();
                self.condition();
                self.text += "select ";
                self.set();
            }
            9 => {
                self.inside("block ", false, most - 1);
                self.close("");
            }
            10 => {
                self.inside("block (result i32) ", true, most - 1);
                self.get();
                self.close("");
                self.set();
            }
            11 | 12 => {
                self.inside("loop ", false, most - 1);
                let local = self.local();
                self.text += &format!("local.get {local} i32.const 1 i32.sub local.tee {local} ");
                self.text += "i32.const 7 i32.and br_if 0 ";
                self.statements(most - 1);
                self.close("");
            }
            13 => {
                self.condition();
                self.inside("if ", false, most - 1);
                if self.random.below(2) == 0 {
                    self.text += "else ";
                    self.statements(most - 1);
                }
                self.close("");
            }
            _ => {
                self.condition();
                self.inside("if (result i32) ", true, most - 1);
                self.get();
                self.text += "else ";
                self.statements(most - 1);
                self.get();
                self.close("");
                self.set();
            }
        }
    }

    fn close(&mut self, before: &str) {
        self.text += before;
        self.text += "end\n";
        self.labels.pop();
    }

    /// A branch to any label; what follows an unconditional one is dead.
    fn branch(&mut self, conditional: bool) {
        let depth = self.random.below(self.labels.len());
        let takes = self.labels[self.labels.len() - 1 - depth];
        if takes {
            self.get();
        }
        if conditional {
            self.condition();
            self.text += &format!("br_if {depth} ");
            self.text += if takes { "drop " } else { "" };
        } else if depth == self.labels.len() - 1 && self.random.below(2) == 0 {
            self.text += "return ";
        } else {
            self.text += &format!("br {depth} ");
        }
    }

    fn switch(&mut self) {
        let takes = self.random.below(2) == 0;
        let labels = self.labels.iter().rev().enumerate();
        let depths: Vec<_> = labels
            .filter(|(_, label)| **label == takes)
            .map(|(depth, _)| depth)
            .collect();
        if depths.is_empty() || self.random.below(3) > 0 {
            return;
        }
        if takes {
            self.get();
        }
        self.get();
        self.text += "br_table ";
        for _ in 0..=self.random.below(4) {
            let depth = depths[self.random.below(depths.len())];
            self.text += &format!("{depth} ");
        }
    }
}

fn program(seed: u64) -> String {
    let mut writer = Writer {
        random: Random(seed),
        text: "(module ".to_owned(),
        labels: Vec::new(),
        function: 0,
    };
    for function in 0..FUNCTIONS {
        writer.function = function;
        writer.labels = vec![true];
        writer.text += "(func (param i32 i32) (result i32) (local i32 i32 i32)\n";
        for _ in 0..3 {
            writer.statements(3);
        }
        writer.get();
        writer.text += ")\n";
    }
    writer.text + ")"
}

/// Runs the instrumented module's first function with this gas.
fn metered(module: &[u8], gas: i64, arguments: &[i64]) -> (Result<Vec<i64>, End>, Vec<i64>) {
    let mut machine = Machine::new(module, 100 * STEPS);
    machine.globals[0] = gas;
    let result = machine.call(0, arguments);
    (result, machine.globals)
}

#[test]
fn gas_is_the_sum_of_prices() {
    let (mut ended, mut trapped, mut long) = (0, 0, 0);
    for seed in 0..4000 {
        let text = program(seed);
        let original = wat(&text);
        let instrumented = bare(&original, false).expect("admitted");
        let measuring = bare(&original, true).expect("admitted");
        validate(&instrumented);
        validate(&measuring);
        let mut machine = Machine::new(&original, STEPS);
        let arguments = [(seed % 5) as i64, (seed % 11) as i64];
        let result = machine.call(0, &arguments);
        let (gas, instructions) = (machine.gas as i64, machine.instructions as i64);
        let context = format!("seed {seed}\n{text}");
        let run = |gas| metered(&instrumented, gas, &arguments);
        match result {
            Ok(_) => {
                ended += 1;
                let (same, globals) = run(PLENTY);
                assert_eq!((&same, PLENTY - globals[0]), (&result, gas), "{context}");
                assert_eq!(globals[1], i64::from(limits::STACK_SLOTS), "{context}");
                let (same, globals) = run(gas);
                assert_eq!((&same, globals[0]), (&result, 0), "{context}");
                if gas > 0 {
                    let (ended, globals) = run(gas - 1);
                    assert_eq!(ended, Err(End::Trap), "{context}");
                    assert!(globals[0] < 0, "{context}");
                }
                let (same, globals) = metered(&measuring, PLENTY, &arguments);
                assert_eq!((&same, PLENTY - globals[0]), (&result, gas), "{context}");
                assert_eq!(globals[2..], [instructions, 0], "{context}");
            }
            Err(End::Trap) => {
                trapped += 1;
                let (same, globals) = run(PLENTY);
                assert_eq!(same, result, "{context}");
                // The blocks that the trap ended were paid whole.
                assert!(globals[0] >= 0 && PLENTY - globals[0] >= gas, "{context}");
                let (_, globals) = run(gas - 1);
                assert!(globals[0] < 0, "{context}");
            }
            Err(End::Steps) => {
                long += 1;
                let (ended, globals) = run(gas - 1);
                assert_eq!(ended, Err(End::Trap), "{context}");
                assert!(globals[0] < 0, "{context}");
            }
        }
    }
    let enough = ended > 500 && trapped > 100 && long > 100;
    assert!(enough, "{ended} ended, {trapped} trapped, {long} ran long");
}

#[test]
fn depth_is_bounded_by_frame_slots() {
    // A frame of one parameter, one local, three operands, and its own eight slots.
    let module = wat("(module (func (param i32) (result i32) (local i32)
        local.get 0 i32.eqz if i32.const 0 return end
        i32.const 1 i32.const 1 local.get 0 i32.add i32.const 2 i32.sub call 0 i32.add))");
    let instrumented = bare(&module, false).expect("admitted");
    let frames = i64::from(limits::STACK_SLOTS) / 13;
    let (result, globals) = metered(&instrumented, PLENTY, &[frames - 1]);
    assert_eq!(result, Ok(vec![frames - 1]));
    assert_eq!(globals[1], i64::from(limits::STACK_SLOTS));
    let (result, globals) = metered(&instrumented, PLENTY, &[frames]);
    assert_eq!(result, Err(End::Trap));
    assert!(
        globals[0] >= 0 && globals[1] < 0,
        "call depth, not gas: {globals:?}"
    );
}

#[test]
fn bulk_operations_pay_for_started_words() {
    let module = contract("(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))");
    let admitted = admit(&module).expect("admitted");
    let helper = admitted.info.bulk_helper.expect("a bulk operation") as usize;
    let price = i64::from(SCHEDULE.bulk_word);
    let measuring = measure(&module).expect("admitted");
    let run = |module: &[u8], gas: i64, length: u32| {
        let mut machine = Machine::new(module, STEPS);
        machine.globals[0] = gas;
        // As an i32, sign-extended.
        let result = machine.call(helper, &[i64::from(length as i32)]);
        (result, machine.globals)
    };
    for length in [
        0,
        1,
        7,
        8,
        9,
        65_536,
        1 << 29,
        i32::MAX as u32,
        1 << 31,
        u32::MAX - 7,
        u32::MAX,
    ] {
        let words = i64::from(length.div_ceil(8));
        let cost = words * price;
        for gas in [0, 1, cost - 1, cost, cost + 1, i64::from(i32::MAX)] {
            if !(0..=i64::from(i32::MAX)).contains(&gas) {
                continue;
            }
            let (result, globals) = run(&admitted.instrumented, gas, length);
            if gas >= cost {
                assert_eq!(
                    result,
                    Ok(vec![i64::from(length as i32)]),
                    "{length} bytes for {gas}"
                );
                assert_eq!(globals[0], gas - cost);
            } else {
                assert_eq!(
                    (result, globals[0]),
                    (Err(End::Trap), -1),
                    "{length} bytes for {gas}"
                );
            }
            let (_, globals) = run(&measuring, gas, length);
            assert_eq!(globals[3], if gas >= cost { words } else { 0 });
        }
    }
}
