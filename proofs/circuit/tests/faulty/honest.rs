//! An honest run with its witness, and what a faulty executor's run differs by.

use playfair_proofs_circuit::air::{Change, Checker, Column, Report, Witness, check};
use playfair_proofs_circuit::assign::{AssignError, assign};
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::tables::Tables;
use playfair_proofs_isa::code::{Flags, Program};
use playfair_proofs_isa::trace::Trace;
use playfair_types::crypto::field::Fr;
use std::collections::BTreeSet;

/// Changed cells from which on a whole table is checked.
const MANY: usize = 20_000;

/// An honest run of a program.
pub(crate) struct Honest {
    pub(crate) program: Program,
    pub(crate) trace: Trace,
    machine: Machine,
    tables: Tables,
    shape: Shape,
    witness: Witness,
}

impl Honest {
    /// Of a program's trace with these public inputs.
    pub(crate) fn of(program: Program, trace: Trace, public: Vec<Fr>, shape: Shape) -> Self {
        let machine = Machine::new().unwrap();
        let tables = Tables::new(&program, shape).unwrap();
        let witness = Witness {
            fixed: tables.fixed().clone(),
            advice: assign(&machine, &tables, &trace, &public).unwrap(),
            instance: public,
        };
        Self {
            program,
            trace,
            machine,
            tables,
            shape,
            witness,
        }
    }

    /// What fails in this witness: nothing.
    pub(crate) fn checker(&self) -> Checker<'_> {
        let checker = Checker::new(&self.machine.air, &self.witness).unwrap();
        assert!(checker.report().is_clean());
        checker
    }

    /// The columns of a lying trace, filled as those of an honest one.
    fn advice(&self, trace: &Trace) -> Result<Vec<Vec<Fr>>, AssignError> {
        assign(&self.machine, &self.tables, trace, &self.witness.instance)
    }

    /// What fails in the columns of a lying trace.
    fn report(&self, checker: &Checker<'_>, advice: Vec<Vec<Fr>>) -> Report {
        let mut changes = Vec::new();
        for (i, (column, before)) in advice.iter().zip(&self.witness.advice).enumerate() {
            let pairs = column.iter().zip(before).enumerate();
            let changed = pairs.filter(|(_, (now, before))| now != before);
            changes.extend(changed.map(|(row, (value, _))| Change {
                column: Column::Advice(i as u16),
                row,
                value: *value,
            }));
        }
        // Most rows of a run that took another way differ: all are looked at then.
        if changes.len() < MANY {
            return checker.with(&changes).unwrap();
        }
        let witness = Witness {
            advice,
            fixed: self.witness.fixed.clone(),
            instance: self.witness.instance.clone(),
        };
        check(&self.machine.air, &witness).unwrap()
    }

    /// What is wrong if nothing of this name catches a lying trace.
    pub(crate) fn missed(
        &self,
        checker: &Checker<'_>,
        name: &str,
        trace: &Trace,
        caught: &str,
    ) -> Option<String> {
        let advice = self.advice(trace);
        let advice = advice.unwrap_or_else(|error| panic!("{name}: {error}"));
        let report = self.report(checker, advice);
        (!report.names().contains(caught)).then(|| told(name, &report, caught))
    }

    /// What is wrong unless exactly this catches the run of an executor that took `misread` for the program. Where it did what its
    /// instruction has no cells for, the cells are those of the row that it took it for, beside the code that stands there.
    pub(crate) fn missed_of(
        &self,
        checker: &Checker<'_>,
        name: &str,
        (misread, trace): (&Program, &Trace),
        caught: &str,
    ) -> Option<String> {
        let mut taken = BTreeSet::new();
        let mut result = self.advice(trace);
        while let Err(AssignError::Step(step)) = result {
            let at = trace.steps[step].pcl as usize;
            assert!(
                taken.insert(at),
                "{name}: row {at} cannot be as it was read either"
            );
            let mut program = self.program.clone();
            program.aux.clone_from(&misread.aux);
            for at in &taken {
                program.code[*at] = misread.code[*at].clone();
            }
            result = self.advice_of(&program, trace);
        }
        if let Err(AssignError::Memory(_)) = result {
            result = self.advice_of(misread, trace);
            taken.extend(0..misread.code.len());
        }
        let mut advice = result.unwrap_or_else(|error| panic!("{name}: {error}"));
        self.put_code(&taken, trace, &mut advice);
        judged(name, &self.report(checker, advice), caught)
    }

    fn advice_of(&self, program: &Program, trace: &Trace) -> Result<Vec<Vec<Fr>>, AssignError> {
        let tables = Tables::new(program, self.shape).unwrap();
        assign(&self.machine, &tables, trace, &self.witness.instance)
    }

    /// Writes the program's own code where other rows were taken for it.
    fn put_code(&self, taken: &BTreeSet<usize>, trace: &Trace, advice: &mut [Vec<Fr>]) {
        let c = &self.machine.columns;
        let mem = advice[index(c.flags[Flags::COUNT - 1])].iter();
        let entries = mem.take_while(|flag| **flag == Fr::from(1_u64)).count();
        let steps = trace.steps.iter().zip(entries..);
        for (step, at) in steps.filter(|(step, _)| taken.contains(&(step.pcl as usize))) {
            let row = &self.program.code[step.pcl as usize];
            for (i, column) in c.flags.iter().enumerate() {
                advice[index(*column)][at] = Fr::from(row.flags.0 >> i & 1);
            }
            let columns = [c.b, c.c].into_iter().chain(c.k).chain([c.g]);
            let cells = [row.b, row.c].into_iter().chain(row.k).chain([row.gas.into()]);
            for (column, cell) in columns.zip(cells) {
                advice[index(column)][at] = cell;
            }
        }
    }
}

fn index(column: Column) -> usize {
    match column {
        Column::Advice(i) | Column::Fixed(i) => usize::from(i),
        Column::Instance => 0,
    }
}

/// What is wrong unless exactly these, apart by spaces, fail.
fn judged(name: &str, report: &Report, caught: &str) -> Option<String> {
    let wanted: BTreeSet<&str> = caught.split_whitespace().collect();
    let all = report.unmatched_count == report.unmatched.len();
    (report.names() != wanted || !all).then(|| told(name, report, caught))
}

fn told(name: &str, report: &Report, caught: &str) -> String {
    let text = report.to_string();
    let lines = text.lines().take(12).map(|line| format!("  {line:.300}\n"));
    format!(
        "{name} should be caught by {caught}:\n{}",
        lines.collect::<String>()
    )
}
