//! Proving for one module in one shape: its program, tables and keys, made once, then a proof for each segment.

use crate::export::{self, ExportError};
use crate::fast::{self, Committer, KeyError, ProveError, ProvingKey, Watch, usable_rows};
use crate::segment::{self, Segment};
use playfair_proofs_circuit::air::{Air, AirError, System, Witness};
use playfair_proofs_circuit::assign::{self, AssignError, assign};
use playfair_proofs_circuit::columns::Shape as Rows;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::tables::{Tables, TablesError};
use playfair_proofs_isa::interp::{Executable, Fault, ProgramError, Reason};
use playfair_proofs_isa::link::{Constants, Linked, link};
use playfair_proofs_isa::lower::LowerError;
use playfair_proofs_isa::trace::Trace;
use playfair_proofs_kernel::WASM;
use playfair_proofs_kernel::oracle::State;
use playfair_proofs_verifier::Program as Constraints;
use playfair_types::bounded::Bytes;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::limits;
use playfair_types::module::ModuleHash;
use playfair_types::segment::SEGMENT_FIELDS;
use playfair_types::vk::{Setup, VerifyingKey};
use rand_core::OsRng;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The gas schedule that the kernel knows.
const GAS_SCHEDULE: u32 = limits::GAS_SCHEDULE_2.version as u32;

/// A circuit of a module: its number in the VK set, its rows, and how the module is lowered for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// Place in the VK set.
    pub number: u8,
    /// Log2 of the rows.
    pub k: u32,
    /// Whether the module's hints of alignment are not believed: for segments that have no proof in the others.
    pub careful: bool,
}

impl Shape {
    /// The shapes, those that believe hints first, smallest first.
    pub const ALL: [Self; 12] = [
        Self::new(0, 14, false),
        Self::new(1, 15, false),
        Self::new(2, 16, false),
        Self::new(3, 17, false),
        Self::new(4, 18, false),
        Self::new(5, 19, false),
        Self::new(8, 14, true),
        Self::new(9, 15, true),
        Self::new(10, 16, true),
        Self::new(11, 17, true),
        Self::new(12, 18, true),
        Self::new(13, 19, true),
    ];

    const fn new(number: u8, k: u32, careful: bool) -> Self {
        Self { number, k, careful }
    }
}

/// Why a module or a segment has no proof.
#[derive(Debug)]
pub enum Error {
    /// The module cannot be lowered or linked.
    Lower(LowerError),
    /// The linked program is malformed.
    Program(ProgramError),
    /// The constraints break a rule of their own.
    Air(AirError),
    /// Program or tables do not fit the shape.
    Tables(TablesError),
    /// There is no key.
    Key(KeyError),
    /// The key cannot be exported.
    Export(ExportError),
    /// The shape is for the other lowering of the module.
    Shape(Shape),
    /// The segment has no trace.
    Fault(Box<Fault>),
    /// The trace does not fit the shape.
    Assign(AssignError),
    /// Proving failed or was cancelled.
    Prove(ProveError),
    /// A proof longer than the envelope's limit.
    Long,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lower(error) => error.fmt(f),
            Self::Program(error) => error.fmt(f),
            Self::Air(error) => error.fmt(f),
            Self::Tables(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Export(error) => error.fmt(f),
            Self::Shape(shape) => write!(
                f,
                "shape {} is for the module lowered {}",
                shape.number,
                if shape.careful { "carefully" } else { "as usual" }
            ),
            Self::Fault(fault) => write!(f, "this segment has no proof: {fault}"),
            Self::Assign(error) => error.fmt(f),
            Self::Prove(error) => error.fmt(f),
            Self::Long => f.write_str("the proof is longer than an envelope holds"),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// Whether the segment has a proof in careful shapes only: an access spans two words although its code calls it aligned.
    #[must_use]
    pub fn wants_care(&self) -> bool {
        let Self::Fault(fault) = self else {
            return false;
        };
        matches!(fault.reason, Reason::Unaligned(_) | Reason::Straddle(..))
    }
}

macro_rules! from {
    ($($error:ty => $variant:ident),+) => {
        $(impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        })+
    };
}

from!(LowerError => Lower, ProgramError => Program, AirError => Air, TablesError => Tables, KeyError => Key,
    ExportError => Export, Box<Fault> => Fault, AssignError => Assign, ProveError => Prove);

/// A module linked with the kernel: what all its shapes share.
#[derive(Debug)]
pub struct Module {
    /// Its hash.
    pub hash: ModuleHash,
    /// The program and its parts.
    pub linked: Linked,
    /// The program, ready to run.
    pub executable: Executable,
    careful: bool,
    machine: Machine,
    system: System,
}

impl Module {
    /// Links an instrumented module.
    ///
    /// # Errors
    /// When it cannot be lowered.
    pub fn new(instrumented: &[u8], hash: ModuleHash) -> Result<Self, Error> {
        Self::lowered(instrumented, hash, false)
    }

    /// Links an instrumented module without believing its hints of alignment.
    ///
    /// # Errors
    /// When it cannot be lowered.
    pub fn careful(instrumented: &[u8], hash: ModuleHash) -> Result<Self, Error> {
        Self::lowered(instrumented, hash, true)
    }

    fn lowered(instrumented: &[u8], hash: ModuleHash, careful: bool) -> Result<Self, Error> {
        let constants = Constants {
            module_hash: hash.to_field(),
            gas_schedule: GAS_SCHEDULE,
            careful,
        };
        let linked = link(WASM, instrumented, &constants)?;
        let machine = Machine::new()?;
        Ok(Self {
            hash,
            executable: Executable::new(&linked.program)?,
            linked,
            careful,
            system: System::new(&machine.air),
            machine,
        })
    }

    /// The constraints.
    #[must_use]
    pub fn air(&self) -> &Air {
        &self.machine.air
    }

    /// The shapes for this lowering, smallest first.
    pub fn shapes(&self) -> impl Iterator<Item = Shape> {
        let careful = self.careful;
        Shape::ALL
            .into_iter()
            .filter(move |shape| shape.careful == careful)
    }

    /// The tables in this shape.
    fn tables(&self, shape: Shape) -> Result<Tables, Error> {
        if shape.careful != self.careful {
            return Err(Error::Shape(shape));
        }
        let blinding = (1usize << shape.k).saturating_sub(usable_rows(&self.system, shape.k));
        Ok(Tables::new(&self.linked.program, Rows::new(shape.k, blinding))?)
    }

    /// Rows of a trace that do something: without END.
    ///
    /// # Errors
    /// When the trace is not of this program.
    pub fn rows(&self, trace: &Trace) -> Result<usize, AssignError> {
        assign::rows(&self.linked.program, trace)
    }

    /// Rows of a shape that a segment may take, the END row among them: what [`Module::length`] is told. Needs no key.
    #[must_use]
    pub fn usable_rows(&self, shape: Shape) -> usize {
        usable_rows(&self.system, shape.k)
    }

    /// The rows of a segment that do something; `None` if they do not fit so many usable rows. Needs no key.
    ///
    /// # Errors
    /// When it has no trace of any length.
    pub fn length(
        &self,
        segment: &Segment,
        state: impl State,
        usable: usize,
    ) -> Result<Option<usize>, Error> {
        match self.trace(segment, state, usable) {
            // One END row at least.
            Ok(trace) => Ok(Some(self.rows(&trace)?).filter(|rows| *rows < usable)),
            Err(Error::Fault(fault)) if fault.reason == Reason::StepLimit => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn trace(&self, segment: &Segment, state: impl State, usable: usize) -> Result<Trace, Error> {
        let most = u32::try_from(usable).unwrap_or(u32::MAX);
        Ok(segment::trace(&self.executable, segment, state, most)?)
    }

    /// The smallest shape that holds the program.
    ///
    /// # Errors
    /// [`Error::Tables`] when none does.
    pub fn smallest(&self) -> Result<Shape, Error> {
        let mut last = None;
        for shape in self.shapes() {
            match self.tables(shape) {
                Ok(_) => return Ok(shape),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or(Error::Long))
    }
}

/// Keys of a module in one shape.
#[derive(Debug)]
pub struct Prover {
    module: Arc<Module>,
    tables: Tables,
    key: ProvingKey,
    /// What verifiers know of the constraints.
    pub constraints: Constraints,
    /// The verifying key.
    pub vk: VerifyingKey,
    /// Its shape.
    pub shape: Shape,
}

/// A proof and what it took.
#[derive(Clone, Debug)]
pub struct Proof {
    /// As it travels.
    pub envelope: ProofEnvelope,
    /// Rows that did something: without END.
    pub rows: usize,
    /// Running the program.
    pub trace: Duration,
    /// Filling the columns.
    pub assign: Duration,
    /// Proving.
    pub prove: Duration,
}

impl Prover {
    /// Makes the keys. `committer` is of the shape's size.
    ///
    /// # Errors
    /// When the program does not fit the shape.
    pub fn new(
        module: Arc<Module>,
        shape: Shape,
        committer: Arc<Committer>,
        setup: Setup,
    ) -> Result<Self, Error> {
        let tables = module.tables(shape)?;
        let key = ProvingKey::new(module.system.clone(), tables.fixed(), committer)?;
        Ok(Self {
            constraints: export::program(key.vk().cs(), SEGMENT_FIELDS)?,
            vk: export::verifying_key(key.vk(), module.hash, shape.number, setup)?,
            key,
            tables,
            module,
            shape,
        })
    }

    /// The proving key, with halo2's own verifying key inside.
    #[must_use]
    pub fn key(&self) -> &ProvingKey {
        &self.key
    }

    /// The witness of a segment, and the rows that do something.
    ///
    /// # Errors
    /// When the segment has no trace or does not fit.
    pub fn witness(&self, segment: &Segment, state: impl State) -> Result<(Witness, usize), Error> {
        let (trace, _) = self.trace(segment, state)?;
        Ok((self.assign(segment, &trace)?, self.module.rows(&trace)?))
    }

    fn trace(&self, segment: &Segment, state: impl State) -> Result<(Trace, Duration), Error> {
        let start = Instant::now();
        let trace = self.module.trace(segment, state, self.key.usable_rows())?;
        Ok((trace, start.elapsed()))
    }

    fn assign(&self, segment: &Segment, trace: &Trace) -> Result<Witness, Error> {
        let instance = segment.inputs.to_fields().to_vec();
        let advice = assign(&self.module.machine, &self.tables, trace, &instance)?;
        Ok(Witness {
            advice,
            fixed: self.tables.fixed().clone(),
            instance,
        })
    }

    /// The rows of a segment that do something; `None` if they do not fit the shape.
    ///
    /// # Errors
    /// When it has no trace of any length.
    pub fn length(&self, segment: &Segment, state: impl State) -> Result<Option<usize>, Error> {
        self.module.length(segment, state, self.key.usable_rows())
    }

    /// Proves a segment.
    ///
    /// # Errors
    /// When it has no trace, does not fit, or the watch says stop.
    pub fn prove(&self, segment: &Segment, state: impl State, watch: &Watch<'_>) -> Result<Proof, Error> {
        let (trace, traced) = self.trace(segment, state)?;
        let start = Instant::now();
        let witness = self.assign(segment, &trace)?;
        let assigned = start.elapsed();
        let start = Instant::now();
        let bytes = fast::prove(&self.key, witness, &mut OsRng, watch)?;
        Ok(Proof {
            envelope: ProofEnvelope {
                vk: self.vk.digest(),
                inputs: segment.inputs,
                proof: Bytes::new(bytes).map_err(|_| Error::Long)?,
            },
            rows: self.module.rows(&trace)?,
            trace: traced,
            assign: assigned,
            prove: start.elapsed(),
        })
    }
}
