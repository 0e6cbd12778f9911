//! How many records a segment takes: trial traces, few of them.
//!
//! The answer does not depend on how it is found: the shape is the smallest that holds the first record, and the segment is the
//! longest run of records that this shape holds. (More records are more rows, and more keys.) Estimates only say where to
//! look first, and when there is not enough yet to look at all.

use crate::answers::{Answers, Recorder};
use crate::error::Error;
use crate::execute::Executed;
use crate::modules::ModuleError;
use crate::modules::{Linked, Modules};
use playfair_proofs_prover::module::{Error as ProverError, Module, Shape};
use playfair_proofs_prover::segment::Segment;
use playfair_state::Fork;
use playfair_types::account::L1Address;
use playfair_types::crypto::field::Fr;
use playfair_types::segment::{Boundary, SegmentInputs};
use std::sync::Arc;

/// Rows per work are counted in these.
const UNIT: u64 = 1024;
/// What is assumed before anything was seen: prices are rows at worst.
const RATIO_FIRST: u64 = UNIT;
/// The least that is believed, so that waiting for more records ends.
const RATIO_LEAST: u64 = UNIT / 8;
/// Trials that go where the estimate says; later ones halve what is left.
const GUIDED: u32 = 4;

/// Rows per work, as seen so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio(u64);

impl Default for Ratio {
    fn default() -> Self {
        Self(RATIO_FIRST)
    }
}

impl Ratio {
    fn rows(self, work: u64) -> u64 {
        work.saturating_mul(self.0) / UNIT
    }

    fn saw(&mut self, rows: u64, work: u64) {
        if let Some(ratio) = rows.saturating_mul(UNIT).checked_div(work) {
            self.0 = ratio.max(RATIO_LEAST);
        }
    }
}

/// What segments begin with, and are made of.
pub(crate) struct Here<'a> {
    pub(crate) modules: &'a Modules,
    pub(crate) chain_id: Fr,
    pub(crate) payout: L1Address,
    pub(crate) start: &'a Boundary,
    pub(crate) state: &'a Fork,
    /// The records that may be in it, at least one.
    pub(crate) records: &'a [Executed],
    /// Whether others may follow these in the same segment, and will come.
    pub(crate) open: bool,
}

/// The longest run of records that is known to fit.
pub(crate) struct Fit {
    pub(crate) records: usize,
    pub(crate) rows: usize,
    pub(crate) answers: Answers,
}

/// What is known of the next segment. It is kept while more records come.
pub(crate) struct Trial {
    linked: Arc<Linked>,
    pub(crate) shape: Shape,
    pub(crate) fit: Option<Fit>,
}

/// What became of one trial trace.
enum Outcome {
    Fits(usize, Answers),
    TooLong,
    WantsCare(ProverError),
    Fault(ProverError),
}

impl Here<'_> {
    /// The first so many records as a segment.
    pub(crate) fn segment(&self, records: usize) -> Segment {
        let records = self.records.get(..records).unwrap_or(self.records);
        Segment {
            inputs: SegmentInputs {
                chain_id: self.chain_id,
                payout: self.payout,
                work: self.work(records.len()),
                before: *self.start,
                after: records.last().map_or(*self.start, |last| last.after),
            },
            records: records.len() as u64,
            tape: records
                .iter()
                .flat_map(|record| record.bytes.iter().copied())
                .collect(),
        }
    }

    fn work(&self, records: usize) -> u64 {
        self.records.iter().take(records).map(|record| record.work).sum()
    }

    /// Runs the first so many records, writing down what the state is asked.
    fn attempt(&self, module: &Module, records: usize, usable: usize) -> Result<Outcome, Error> {
        let segment = self.segment(records);
        let after = records.checked_sub(1).and_then(|last| self.records.get(last));
        let recorder = Recorder::new(self.state, after.map_or(self.state, |last| &last.state));
        let length = module.length(&segment, recorder.state(), usable);
        if let Some(error) = recorder.failed() {
            return Err(error.into());
        }
        match length {
            Ok(Some(rows)) => Ok(match recorder.finish()? {
                Some(answers) => Outcome::Fits(rows, answers),
                None => Outcome::TooLong,
            }),
            Ok(None) => Ok(Outcome::TooLong),
            Err(error) if error.wants_care() => Ok(Outcome::WantsCare(error)),
            Err(error @ ProverError::Fault(_)) => Ok(Outcome::Fault(error)),
            Err(error) => Err(Error::Prover(Box::new(error))),
        }
    }

    fn no_proof(&self, error: Option<ProverError>) -> Error {
        let first = self.records.first();
        Error::NoProof {
            height: first.map_or(0, |first| first.height),
            record: first.map_or(0, |first| first.number),
            error: error.map(Box::new),
        }
    }
}

impl Trial {
    /// Of the module that runs after `start`.
    pub(crate) fn new(here: &Here<'_>) -> Result<Self, Error> {
        let linked = here.modules.linked(&here.start.module, false)?;
        Ok(Self {
            shape: linked.smallest,
            linked,
            fit: None,
        })
    }

    fn usable(&self) -> usize {
        self.linked.usable(self.shape)
    }

    /// Looks for the longest run of records that fits. Returns whether it is found; if not, it waits for more records.
    pub(crate) fn go_on(&mut self, here: &Here<'_>, ratio: &mut Ratio) -> Result<bool, Error> {
        let count = here.records.len();
        // The shortest run that is known not to fit.
        let mut short_of = count + 1;
        let mut tries = 0;
        loop {
            let known = self.fit.as_ref().map_or(0, |fit| fit.records);
            if known == count {
                return Ok(!here.open);
            }
            if known + 1 == short_of {
                if known > 0 {
                    return Ok(true);
                }
                self.grow(here)?;
                short_of = count + 1;
                continue;
            }
            let guess = self.guess(here, *ratio);
            if guess > count && here.open && short_of > count {
                return Ok(false);
            }
            let guess = match tries < GUIDED {
                true => guess.clamp(known + 1, short_of - 1),
                false => known.midpoint(short_of).max(known + 1),
            };
            tries += 1;
            let (work, usable) = (here.work(guess), self.usable());
            match here.attempt(&self.linked.module, guess, usable)? {
                Outcome::Fits(rows, answers) => {
                    self.learn(here, ratio, guess, rows);
                    self.fit = Some(Fit {
                        records: guess,
                        rows,
                        answers,
                    });
                }
                outcome => {
                    if matches!(outcome, Outcome::TooLong) && ratio.rows(work) < usable as u64 {
                        ratio.saw(usable as u64, work);
                    }
                    short_of = guess;
                }
            }
        }
    }

    /// How many records the estimate lets in; one more than there are if it lets in all.
    fn guess(&self, here: &Here<'_>, ratio: Ratio) -> usize {
        let (known, rows) = match &self.fit {
            Some(fit) => (fit.records, fit.rows as u64),
            None => (0, 0),
        };
        let mut work = 0;
        let more = here.records.iter().skip(known).take_while(|record| {
            work += record.work;
            rows + ratio.rows(work) < self.usable() as u64
        });
        let guess = known + more.count();
        if guess == here.records.len() {
            guess + 1
        } else {
            guess
        }
    }

    fn learn(&self, here: &Here<'_>, ratio: &mut Ratio, records: usize, rows: usize) {
        let (known, known_rows) = self.fit.as_ref().map_or((0, 0), |fit| (fit.records, fit.rows));
        let rows = rows.saturating_sub(known_rows) as u64;
        ratio.saw(rows, here.work(records).saturating_sub(here.work(known)));
    }

    /// The first record alone does not fit: takes the smallest shape that holds it, a careful one if none of the others does.
    fn grow(&mut self, here: &Here<'_>) -> Result<(), Error> {
        let mut refusal = None;
        for careful in [false, true] {
            let linked = here.modules.linked(&here.start.module, careful);
            let linked = match linked {
                Ok(linked) => linked,
                // The careful lowering is larger; that no shape holds it says nothing against the record.
                Err(ModuleError::Link(_)) if careful => break,
                Err(error) => return Err(error.into()),
            };
            match here.attempt(&linked.module, 1, linked.most())? {
                Outcome::Fits(rows, answers) => {
                    let shape = linked.shape(rows).ok_or_else(|| here.no_proof(None))?;
                    (self.linked, self.shape) = (linked, shape);
                    self.fit = Some(Fit {
                        records: 1,
                        rows,
                        answers,
                    });
                    return Ok(());
                }
                Outcome::TooLong => {}
                Outcome::WantsCare(error) => refusal = Some(error),
                Outcome::Fault(error) => return Err(here.no_proof(Some(error))),
            }
        }
        Err(here.no_proof(refusal))
    }
}

#[cfg(test)]
mod tests;
