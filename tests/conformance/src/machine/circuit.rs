//! Sessions through the constraints.
//!
//! The claim about a session: there is a witness of the circuit whose public inputs say these calls, these results and these traps
//! (`kernel`). The interpreter makes a trace, [`assign`] the witness, and every constraint is evaluated on every row and the bus
//! balanced ([`Evaluator`]). Sessions are cut between instances, so that no table becomes larger than it must; and an instance whose calls
//! take very many rows is cut into one piece for each long call and one for the rest, if the other calls come to the same without it:
//! then each piece is an instance that was asked less.

use super::session::{Call, Entry, Session};
use super::{Loaded, ask, kernel, low};
use crate::engine::Trap;
use playfair_proofs_circuit::air::{Evaluator, Witness, check};
use playfair_proofs_circuit::assign::{assign, rows};
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::tables::Tables;
use playfair_proofs_isa::code::at;
use playfair_proofs_isa::interp::{Oracle, View};
use playfair_proofs_isa::lower::hints;
use playfair_proofs_isa::ops::Op;
use playfair_proofs_isa::trace::Trace;
use playfair_types::Fr;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{LazyLock, Mutex, PoisonError};

/// Rows of a table that hold the part of the auxiliary table that all programs share, with some to spare.
const TABLE_ROWS: usize = 9_000;
/// Rows after which a session is cut where an instance ends.
const ROWS: u32 = 1 << 14;
/// The most rows of one witness.
const ROWS_MAX: u32 = 1 << 21;
/// A witness of more rows than this is not there beside another such, and is avoided.
const LARGE: u32 = 1 << 18;
/// A long call.
const LONG: u32 = 1 << 15;

static LARGE_ONE: Mutex<()> = Mutex::new(());

static MACHINE: LazyLock<Machine> = LazyLock::new(|| Machine::new().expect("the machine keeps the rules"));
static EVALUATOR: LazyLock<Evaluator<'static>> =
    LazyLock::new(|| Evaluator::new(&MACHINE.air, &MACHINE.columns.flags));

/// What went through the constraints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Witnesses.
    pub witnesses: u64,
    /// Rows that did something: without END.
    pub rows: u64,
    /// Rows that were evaluated.
    pub evaluated: u64,
    /// Calls that returned.
    pub returned: u64,
    /// Calls that did not.
    pub trapped: u64,
    /// EXIT rows: runs that ended at an instruction of the module.
    pub exits: u64,
    /// Names of instructions that ran.
    pub operations: BTreeSet<&'static str>,
}

impl Checked {
    /// Adds what another check did.
    pub fn add(&mut self, other: Self) {
        self.witnesses += other.witnesses;
        self.rows += other.rows;
        self.evaluated += other.evaluated;
        self.returned += other.returned;
        self.trapped += other.trapped;
        self.exits += other.exits;
        self.operations.extend(other.operations);
    }
}

/// Answers as the session went.
struct Replay {
    calls: VecDeque<Call>,
    gas: u64,
    arguments: VecDeque<u64>,
}

impl Oracle for Replay {
    fn hint(&mut self, kind: u32, argument: Fr, _: &View<'_>) -> Fr {
        if let Some(answer) = hints::answer(kind, argument) {
            return answer;
        }
        Fr::from(match kind {
            ask::NEXT => {
                let call = self.calls.pop_front().expect("the last call ends the machine");
                (self.gas, self.arguments) = (call.gas, call.arguments.into());
                call.export
            }
            ask::GAS => self.gas,
            ask::ARGUMENT => self.arguments.pop_front().unwrap_or_default(),
            ask::WORD => low(argument),
            _ => 0,
        })
    }
}

/// Some instances of a module: what a witness is made of.
struct Batch<'a> {
    module: &'a Loaded,
    calls: VecDeque<Call>,
    absorbed: Vec<u64>,
    rows: u32,
    /// The instance of which this is a piece.
    whole: Option<&'a [Entry]>,
}

impl<'a> Batch<'a> {
    fn new(module: &'a Loaded) -> Self {
        Self {
            module,
            calls: VecDeque::new(),
            absorbed: Vec::new(),
            rows: 0,
            whole: None,
        }
    }

    /// An instance in pieces: before each long call, the short ones; in the end, all short ones.
    fn pieces(module: &'a Loaded, whole: &'a [Entry]) -> Vec<Self> {
        let mut pieces = Vec::new();
        let mut short = Vec::new();
        let mut piece = |entries: &[&'a Entry]| {
            let mut piece = Self::new(module);
            piece.whole = Some(whole);
            entries.iter().for_each(|entry| piece.call(entry));
            pieces.push(piece);
        };
        for entry in whole {
            short.push(entry);
            if entry.rows > LONG {
                piece(&short);
                short.pop();
            }
        }
        piece(&short);
        pieces
    }

    fn call(&mut self, entry: &Entry) {
        self.calls.push_back(entry.call.clone());
        self.absorbed.extend(entry.absorbed());
        self.rows = self.rows.saturating_add(entry.rows);
    }

    /// Number of the command behind all exports, or after that.
    fn command(&mut self, behind: u64) {
        let export = self.module.functions.len() as u64 + behind;
        self.absorbed.push(export);
        self.calls.push_back(Call {
            export,
            gas: 0,
            arguments: Vec::new(),
        });
    }

    fn push(&mut self, instance: &[Entry]) {
        if !self.calls.is_empty() {
            self.command(0);
        }
        instance.iter().for_each(|entry| self.call(entry));
    }

    /// The public inputs, and the trace that they are true of.
    fn trace(mut self) -> Result<(Vec<Fr>, Trace), String> {
        self.command(1);
        let r = point();
        let public = vec![kernel::statement(self.absorbed, r), r];
        let mut replay = Replay {
            calls: self.calls,
            gas: 0,
            arguments: VecDeque::new(),
        };
        let traced = self.module.executable.trace(&public, &mut replay, ROWS_MAX);
        let (trace, _) = traced.map_err(|fault| format!("the run that was seen has no trace: {fault}"))?;
        Ok((public, trace))
    }
}

/// Where statements are evaluated. Any point will do that has nothing to do with what is said; this one is as long as an element.
fn point() -> Fr {
    let long = Fr::from(0xfedc_ba98_7654_3211_u64);
    Fr::from(0x1234_5678_9abc_def1_u64) * long * long * long * long
}

/// A witness, and what it is of.
pub struct Shown {
    /// The witness.
    pub witness: Witness,
    trace: Trace,
    rows: usize,
}

/// The witness of a trace with these public inputs.
fn shown(module: &Loaded, public: Vec<Fr>, trace: Trace) -> Result<Shown, String> {
    let program = &module.program;
    module.code.check(program, &trace)?;
    let rows = rows(program, &trace).map_err(|error| error.to_string())?;
    let usable = (rows + 1)
        .max(TABLE_ROWS + program.aux.len())
        .max(program.code.len());
    let shape = Shape {
        k: usable.next_power_of_two().trailing_zeros(),
        usable,
    };
    let tables = Tables::new(program, shape).map_err(|error| error.to_string())?;
    let advice = assign(&MACHINE, &tables, &trace, &public).map_err(|error| error.to_string())?;
    let witness = Witness {
        fixed: tables.fixed().clone(),
        advice,
        instance: public,
    };
    Ok(Shown { witness, trace, rows })
}

/// Whether the constraints take a witness; if not, what fails.
///
/// # Errors
/// What fails.
pub fn verify(witness: &Witness) -> Result<(), String> {
    let clean = EVALUATOR.is_clean(witness).map_err(|error| error.to_string())?;
    if clean {
        return Ok(());
    }
    let report = check(&MACHINE.air, witness).map_err(|error| error.to_string())?;
    Err(if report.is_clean() {
        "the evaluator refuses what the checker takes".to_owned()
    } else {
        report.to_string()
    })
}

impl Session {
    fn batches(&self) -> Vec<Batch<'_>> {
        let (mut batches, mut long) = (vec![Batch::new(&self.module)], Vec::new());
        for instance in &self.instances {
            let more = instance
                .iter()
                .fold(0_u32, |rows, entry| rows.saturating_add(entry.rows));
            if more > LARGE {
                long.extend(Batch::pieces(&self.module, instance));
                continue;
            }
            let full = |batch: &Batch<'_>| batch.rows > 0 && batch.rows.saturating_add(more) > ROWS;
            if batches.last().is_none_or(full) {
                batches.push(Batch::new(&self.module));
            }
            if let Some(batch) = batches.last_mut() {
                batch.push(instance);
            }
        }
        batches.extend(long);
        batches
    }

    /// Shows the session to the constraints.
    ///
    /// # Errors
    /// What fails.
    pub fn check(&self) -> Result<Checked, String> {
        let mut checked = Checked::default();
        for entry in self.entries() {
            *(if entry.trap().is_none() {
                &mut checked.returned
            } else {
                &mut checked.trapped
            }) += 1;
        }
        let mut work = self.batches();
        while let Some(batch) = work.pop() {
            let (whole, rows) = (batch.whole, batch.rows);
            let _alone = (rows > LARGE).then(|| LARGE_ONE.lock().unwrap_or_else(PoisonError::into_inner));
            let (public, trace) = match (batch.trace(), whole) {
                (Ok(traced), _) => traced,
                // A long call has left something behind.
                (Err(_), Some(whole)) => {
                    work.retain(|piece| !piece.whole.is_some_and(|other| std::ptr::eq(other, whole)));
                    let mut batch = Batch::new(&self.module);
                    batch.push(whole);
                    work.push(batch);
                    continue;
                }
                (Err(error), None) => return Err(error),
            };
            let shown = shown(&self.module, public, trace)?;
            verify(&shown.witness)?;
            checked.witnesses += 1;
            checked.rows += shown.rows as u64;
            checked.evaluated += shown.witness.rows() as u64;
            for step in &shown.trace.steps {
                checked.exits += u64::from(step.pcl == at::EXIT);
                let instr = self.module.program.code.get(step.pcl as usize);
                checked.operations.extend(
                    instr
                        .and_then(|instr| Op::of(instr).ok())
                        .map(|op| op.info().name),
                );
            }
        }
        Ok(checked)
    }
}

/// What becomes of a lie about a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals {
    /// Whether the program itself has a trace for it.
    pub traced: bool,
    /// Whether the constraints take the honest trace as one of it.
    pub taken: bool,
}

impl Session {
    /// Says that one call of the first instance came to something else, and left other gas.
    ///
    /// # Errors
    /// Why the session itself has no witness.
    pub fn lie(&self, call: usize, result: Result<Vec<u64>, Trap>, gas: u64) -> Result<Refusals, String> {
        let honest = || {
            let mut batch = Batch::new(&self.module);
            self.instances
                .iter()
                .take(1)
                .for_each(|instance| batch.push(instance));
            batch
        };
        let mut lied = honest();
        lied.absorbed.clear();
        for (i, entry) in self.instances.iter().take(1).flatten().enumerate() {
            let mut entry = entry.clone();
            if i == call {
                (entry.result, entry.gas) = (result.clone(), gas);
            }
            lied.absorbed.extend(entry.absorbed());
        }
        let mut said = lied.absorbed.clone();
        said.push(self.module.functions.len() as u64 + 1);
        let (_, trace) = honest().trace()?;
        let shown = shown(
            &self.module,
            vec![kernel::statement(said, point()), point()],
            trace,
        );
        Ok(Refusals {
            traced: lied.trace().is_ok(),
            taken: shown.is_ok_and(|shown| EVALUATOR.is_clean(&shown.witness) == Ok(true)),
        })
    }
}
