//! A job: everything that proving one segment needs, but the module and the keys.
//!
//! ```text
//! "PFJB" | version u8 = 1 | shape u8 | segment inputs | tape | answers
//! ```
//! The tape has as many frames as the boundaries say: 1 at least, and they are whole records. The module is that of the
//! boundary before. Answers are in [`crate::answers`]. A job is at most [`JOB_BYTES_MAX`] long. This is no format of the chain: nodes and their
//! workers speak it, nothing is proven about its bytes, and nobody has to believe it.

use crate::answers::Answers;
use playfair_proofs_prover::module::Shape;
use playfair_proofs_prover::segment::Segment;
use playfair_types::codec::{DecodeError, Reader};
use playfair_types::module::ModuleHash;
use playfair_types::segment::SegmentInputs;
use playfair_types::tape::frame::{FRAME_BYTES, split};
use playfair_types::tape::record_frames;
use playfair_types::{Decode, Encode};

/// Longest job, bytes. Answers take half of it at most, and the records of the largest shape have less than two million.
pub const JOB_BYTES_MAX: usize = 16 << 20;

const MAGIC: [u8; 4] = *b"PFJB";
const VERSION: u8 = 1;

/// A segment to prove, with what its prover asks of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    shape: Shape,
    inputs: SegmentInputs,
    tape: Vec<u8>,
    records: u64,
    answers: Answers,
}

impl Job {
    /// A job of these parts.
    ///
    /// # Errors
    /// What a decoder would say to it.
    pub fn new(
        shape: Shape,
        inputs: SegmentInputs,
        tape: Vec<u8>,
        answers: Answers,
    ) -> Result<Self, DecodeError> {
        let job = Self {
            records: records(&tape)?,
            shape,
            inputs,
            tape,
            answers,
        };
        if job.tape.len() as u64 != tape_bytes(&job.inputs)? {
            return Err(DecodeError::NonCanonical("tape"));
        }
        let keys = job.answers.keys.len();
        if !(1..=playfair_types::limits::STATE_PROOF_KEYS_MAX).contains(&keys) {
            return Err(DecodeError::NonCanonical("keys"));
        }
        limit(job.encode().len())?;
        Ok(job)
    }

    /// In which circuit it is to be proven.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// What its proof will say.
    #[must_use]
    pub fn inputs(&self) -> &SegmentInputs {
        &self.inputs
    }

    /// The module whose key it is proven under.
    #[must_use]
    pub fn module(&self) -> ModuleHash {
        self.inputs.before.module
    }

    /// Its records' bytes, one after the other.
    #[must_use]
    pub fn tape(&self) -> &[u8] {
        &self.tape
    }

    /// How many records it has.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// What its prover asks of the state.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The segment.
    #[must_use]
    pub fn segment(&self) -> Segment {
        Segment {
            inputs: self.inputs,
            records: self.records,
            tape: self.tape.clone(),
        }
    }
}

fn limit(found: usize) -> Result<(), DecodeError> {
    if found > JOB_BYTES_MAX {
        return Err(DecodeError::LimitExceeded {
            what: "job",
            limit: JOB_BYTES_MAX as u64,
            found: found as u64,
        });
    }
    Ok(())
}

/// Bytes of the tape between the boundaries; more than 0.
fn tape_bytes(inputs: &SegmentInputs) -> Result<u64, DecodeError> {
    let frames = inputs.after.tape.length.checked_sub(inputs.before.tape.length);
    let frames = frames.filter(|frames| *frames > 0);
    let bytes = frames.and_then(|frames| frames.checked_mul(FRAME_BYTES as u64));
    bytes.ok_or(DecodeError::NonCanonical("frames"))
}

/// How many records a tape has, if it is a whole number of them.
fn records(tape: &[u8]) -> Result<u64, DecodeError> {
    let mut frames = split(tape)?;
    let mut records = 0;
    while let Some(first) = frames.first() {
        frames = frames
            .get(record_frames(first)?..)
            .ok_or(DecodeError::UnexpectedEnd("record"))?;
        records += 1;
    }
    Ok(records)
}

impl Encode for Job {
    fn encode_to(&self, out: &mut Vec<u8>) {
        out.extend(MAGIC);
        out.extend([VERSION, self.shape.number]);
        self.inputs.encode_to(out);
        out.extend(&self.tape);
        self.answers.encode_to(out);
    }
}

impl Decode for Job {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        limit(reader.remaining())?;
        reader.expect_magic(MAGIC)?;
        reader.expect_u8("job version", VERSION)?;
        let number = reader.u8("shape")?;
        let shape = Shape::ALL.into_iter().find(|shape| shape.number == number);
        let shape = shape.ok_or(DecodeError::Unknown {
            what: "shape",
            found: u64::from(number),
        })?;
        let inputs = SegmentInputs::read(reader)?;
        let bytes = usize::try_from(tape_bytes(&inputs)?).unwrap_or(usize::MAX);
        let tape = reader.bytes("tape", bytes)?.to_vec();
        Ok(Self {
            records: records(&tape)?,
            shape,
            inputs,
            tape,
            answers: Answers::read(reader)?,
        })
    }
}
