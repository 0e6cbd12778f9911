//! Segments as they were, and as a faulty executor has them.

use super::common::Made;
use super::scenes::{Scenes, admitted};
use playfair_proofs_circuit::air::{Witness, check};
use playfair_proofs_circuit::assign::assign;
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::op::Op;
use playfair_proofs_circuit::tables::Tables;
use playfair_proofs_isa::code::{Flags, Instr, Program, Tag};
use playfair_proofs_isa::interp::{Executable, View};
use playfair_proofs_isa::lower::hints;
use playfair_proofs_isa::trace::{Access, Step, Trace, Value};
use playfair_proofs_kernel::{hint, oracle};
use playfair_proofs_prover::module::Module;
use playfair_proofs_prover::state::Around;
use playfair_types::crypto::field::Fr;
use playfair_types::state::StateKey;

/// Rows that hold the kernel and a call.
const SHAPE: Shape = Shape {
    k: 14,
    usable: 16_300,
};

/// The first of the public inputs that the kernel compares at the end, and the one that it compares beside them.
const AFTER: u64 = 17;
const WORK: u64 = 2;

/// The bug by which nothing false is said.
const HARMLESS: &str = "frame slots that stay taken after a run";

/// A kernel's bug: its name, the segment that meets it, the bug, and the constraints and terms that fail.
pub(crate) type Case = (
    &'static str,
    fn(&Scenes) -> &Scene,
    fn(&Scenes, &Scene, &mut Lie),
    &'static str,
);

/// The machine with kernel and module.
pub(crate) struct Lab {
    pub(crate) module: Module,
    machine: Machine,
    tables: Tables,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let admitted = admitted();
        let module = Module::new(&admitted.instrumented, admitted.hash).unwrap();
        Self {
            machine: Machine::new().unwrap(),
            tables: Tables::new(&module.linked.program, SHAPE).unwrap(),
            module,
        }
    }

    fn program(&self) -> &Program {
        &self.module.linked.program
    }

    /// The columns of a trace, and what fails in them.
    fn failing(&self, trace: &Trace, public: &[Fr]) -> Result<Vec<String>, String> {
        let advice = assign(&self.machine, &self.tables, trace, public).map_err(|error| error.to_string())?;
        let witness = Witness {
            fixed: self.tables.fixed().clone(),
            advice,
            instance: public.to_vec(),
        };
        let report = check(&self.machine.air, &witness).unwrap();
        assert_eq!(report.unmatched_count, report.unmatched.len(), "{report}");
        Ok(report.names().into_iter().map(str::to_owned).collect())
    }

    /// What is wrong unless exactly this catches a lie.
    pub(crate) fn missed(&self, scene: &Scene, name: &str, lie: &Lie, caught: &str) -> Option<String> {
        let told = lie.told(scene).and_then(|(trace, public)| {
            if (public == scene.public) != (name == HARMLESS) {
                return Err("another statement than it should have".to_owned());
            }
            self.failing(&trace, &public)
        });
        match told {
            Ok(names) if names.join(" ") == caught => None,
            Ok(names) => Some(format!("{name} should be caught by {caught}: {names:?}")),
            Err(error) => Some(format!("{name} has no such witness: {error}")),
        }
    }
}

/// An honest segment.
pub(crate) struct Scene {
    pub(crate) made: Made,
    pub(crate) trace: Trace,
    pub(crate) public: Vec<Fr>,
    program: Program,
}

impl Scene {
    /// Of a block that was made. Its witness is clean.
    pub(crate) fn of(lab: &Lab, made: Made) -> Self {
        let public = made.segment.inputs.to_fields().to_vec();
        let trace = trace(&made, &made.segment.tape, None, lab.program(), &public).unwrap();
        assert_eq!(lab.failing(&trace, &public), Ok(Vec::new()));
        Self {
            made,
            trace,
            public,
            program: lab.program().clone(),
        }
    }

    /// The operation of a step.
    pub(crate) fn op(&self, step: &Step) -> Option<Op> {
        Op::of(self.program.code[step.pcl as usize].flags)
    }

    pub(crate) fn row(&self, step: &Step) -> &Instr {
        &self.program.code[step.pcl as usize]
    }

    fn is_branch(&self, step: &Step) -> bool {
        self.row(step).flags.has(Flags::BR)
    }

    /// Where the first step like this is.
    pub(crate) fn find(&self, like: impl Fn(&Step) -> bool) -> usize {
        let found = self.trace.steps.iter().position(like);
        found.expect("there is such a step")
    }

    /// The step of a row that computes this from that.
    pub(crate) fn gives(&self, from: impl Into<Value>, result: impl Into<Value>) -> usize {
        let (from, result) = (from.into(), result.into());
        self.find(|step| {
            let computes = matches!(self.op(step), Some(Op::Arith | Op::Farith | Op::Logic));
            let reads = operands(step).any(|operand| operand.old == from);
            computes && reads && step.result == result && from != result
        })
    }

    /// The step that compares these.
    pub(crate) fn compares(&self, x: impl Into<Value>, y: impl Into<Value>) -> usize {
        let (x, y) = (x.into(), y.into());
        self.find(|step| {
            let values: Vec<Value> = operands(step).map(|operand| operand.old).collect();
            let compares = self.is_branch(step) || self.op(step) == Some(Op::Eq);
            compares && (values == [x, y] || values == [y, x])
        })
    }

    /// The steps in which the kernel compares what it computed with a public input from `first` on: the step, which of its operands
    /// is the kernel's, and the input.
    fn statement(&self) -> Vec<(usize, bool, usize)> {
        let key = |operand: &Access| -> Option<u64> {
            let writer = &self.trace.steps[operand.last? as usize];
            let row = self.row(writer);
            let public = self.op(writer) == Some(Op::Aux) && row.k[0] == Fr::from(Tag::Public as u32);
            let key = Value::from(row.k[2]).word()?;
            (public && (key == WORK || key >= AFTER)).then_some(key)
        };
        let steps = self.trace.steps.iter().enumerate();
        let compared = steps
            .filter(|(_, step)| self.is_branch(step))
            .flat_map(|(i, step)| {
                let (a, b) = (step.a.as_ref().and_then(key), step.b.as_ref().and_then(key));
                [(a, false), (b, true)]
                    .into_iter()
                    .filter_map(move |(key, second)| Some((i, second, key? as usize)))
            });
        compared.collect()
    }
}

fn operands(step: &Step) -> impl Iterator<Item = &Access> {
    [&step.a, &step.b].into_iter().flatten()
}

/// What an executor with a bug runs, and on what.
pub(crate) struct Lie {
    pub(crate) program: Program,
    pub(crate) tape: Vec<u8>,
    /// A key that is said not to be there before.
    pub(crate) absent: Option<StateKey>,
}

impl Lie {
    pub(crate) fn of(lab: &Lab, scene: &Scene) -> Self {
        Self {
            program: lab.program().clone(),
            tape: scene.made.segment.tape.clone(),
            absent: None,
        }
    }

    /// The row of a step.
    pub(crate) fn row(&mut self, scene: &Scene, step: usize) -> &mut Instr {
        &mut self.program.code[scene.trace.steps[step].pcl as usize]
    }

    /// The row of a step gives this, whatever its operands are.
    pub(crate) fn force(&mut self, scene: &Scene, step: usize, value: impl Into<Value>) {
        force(self.row(scene, step), value.into());
    }

    /// The branch of a step goes the other way.
    pub(crate) fn turn(&mut self, scene: &Scene, step: usize) {
        let result = scene.trace.steps[step].result.word().unwrap();
        self.force(scene, step, 1 - result);
    }

    /// The branch of a step always goes as it did.
    pub(crate) fn keep(&mut self, scene: &Scene, step: usize) {
        self.force(scene, step, scene.trace.steps[step].result);
    }

    /// The trace, and the statement that it is of: what the kernel computes.
    pub(crate) fn told(&self, scene: &Scene) -> Result<(Trace, Vec<Fr>), String> {
        let run =
            |program: &Program, public: &[Fr]| trace(&scene.made, &self.tape, self.absent, program, public);
        let mut public = scene.public.clone();
        let statement = scene.statement();
        assert_eq!(statement.len(), public.len() - AFTER as usize + 1);
        let mut open = self.program.clone();
        for (step, ..) in &statement {
            let step = &scene.trace.steps[*step];
            force(&mut open.code[step.pc as usize], step.result);
        }
        let first = run(&open, &public)?;
        for (step, second, key) in statement {
            let pc = scene.trace.steps[step].pc;
            let step = first
                .steps
                .iter()
                .rev()
                .find(|step| step.pc == pc)
                .ok_or("no comparison")?;
            let own = if second { &step.a } else { &step.b };
            public[key] = own.as_ref().ok_or("no operand")?.old.fr();
        }
        Ok((run(&self.program, &public)?, public))
    }
}

/// A row gives this, whatever its operands are.
fn force(row: &mut Instr, value: Value) {
    let slots = [
        Flags::SA,
        Flags::SB,
        Flags::SC,
        Flags::DA,
        Flags::GB,
        Flags::GC,
        Flags::BR,
    ];
    let kept = slots.into_iter().filter(|slot| row.flags.has(*slot));
    row.flags = kept.fold(Flags::FARITH, Flags::with);
    row.k = [Fr::from(0_u64); 8];
    row.k[3] = value.fr();
}

/// An honest prover's answers, but for one key.
struct Hints<S> {
    honest: oracle::Oracle<S>,
    absent: Option<Fr>,
}

impl<S: oracle::State> playfair_proofs_isa::interp::Oracle for Hints<S> {
    fn hint(&mut self, kind: u32, argument: Fr, machine: &View<'_>) -> Fr {
        if let Some(answer) = hints::answer(kind, argument) {
            return answer;
        }
        let guest = |address: u32| {
            let cell = machine.cell(machine.ctx() + u64::from(address / 8));
            cell.word().unwrap_or_default()
        };
        let answer = self.honest.answer(kind, &argument, &guest);
        match self.absent {
            Some(key) if kind == hint::INITIAL && argument == key => Fr::from(0_u64),
            _ => answer,
        }
    }
}

fn trace(
    made: &Made,
    tape: &[u8],
    absent: Option<StateKey>,
    program: &Program,
    public: &[Fr],
) -> Result<Trace, String> {
    let executable = Executable::new(program).map_err(|error| error.to_string())?;
    let around = Around::new(&made.step.old, &made.step.new);
    let mut hints = Hints {
        honest: oracle::Oracle::new(around, made.segment.records, tape),
        absent: absent.map(|key| key.to_field()),
    };
    match executable.trace(public, &mut hints, SHAPE.usable as u32) {
        Ok((trace, _)) => Ok(trace),
        Err(fault) => Err(fault.to_string()),
    }
}
