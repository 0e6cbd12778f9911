//! Proving for one module in one shape: its program, tables and keys, made once, then a proof for each segment.

use crate::export::{self, ExportError};
use crate::fast::{self, Committer, KeyError, ProveError, ProvingKey, Watch, usable_rows};
use crate::segment::{self, Segment};
use crate::state::{Around, Source};
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
use playfair_proofs_verifier::Program as Constraints;
use playfair_types::bounded::Bytes;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::module::ModuleHash;
use playfair_types::segment::SEGMENT_FIELDS;
use playfair_types::vk::{Setup, VerifyingKey};
use rand_core::OsRng;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The gas schedule that the kernel knows.
const GAS_SCHEDULE: u32 = 1;

/// A size of circuit: its number in the VK set and its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// Place in the VK set.
    pub number: u8,
    /// Log2 of the rows.
    pub k: u32,
}

impl Shape {
    /// The shapes, smallest first.
    pub const ALL: [Self; 4] = [
        Self { number: 0, k: 14 },
        Self { number: 1, k: 15 },
        Self { number: 2, k: 16 },
        Self { number: 3, k: 17 },
    ];
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
            Self::Fault(fault) => write!(f, "this segment has no proof: {fault}"),
            Self::Assign(error) => error.fmt(f),
            Self::Prove(error) => error.fmt(f),
            Self::Long => f.write_str("the proof is longer than an envelope holds"),
        }
    }
}

impl std::error::Error for Error {}

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
    machine: Machine,
    system: System,
}

impl Module {
    /// Links an instrumented module.
    ///
    /// # Errors
    /// When it cannot be lowered.
    pub fn new(instrumented: &[u8], hash: ModuleHash) -> Result<Self, Error> {
        let constants = Constants {
            module_hash: hash.to_field(),
            gas_schedule: GAS_SCHEDULE,
        };
        let linked = link(WASM, instrumented, &constants)?;
        let machine = Machine::new()?;
        Ok(Self {
            hash,
            executable: Executable::new(&linked.program)?,
            linked,
            system: System::new(&machine.air),
            machine,
        })
    }

    /// The constraints.
    #[must_use]
    pub fn air(&self) -> &Air {
        &self.machine.air
    }

    /// The tables in this shape.
    fn tables(&self, shape: Shape) -> Result<Tables, Error> {
        let blinding = (1usize << shape.k).saturating_sub(usable_rows(&self.system, shape.k));
        Ok(Tables::new(&self.linked.program, Rows::new(shape.k, blinding))?)
    }

    /// The smallest shape that holds the program.
    ///
    /// # Errors
    /// [`Error::Tables`] when none does.
    pub fn smallest(&self) -> Result<Shape, Error> {
        let mut last = None;
        for shape in Shape::ALL {
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
    pub fn witness<B: Source, A: Source>(
        &self,
        segment: &Segment,
        state: Around<B, A>,
    ) -> Result<(Witness, usize), Error> {
        let (trace, _) = self.trace(segment, state)?;
        Ok((self.assign(segment, &trace)?, self.rows(&trace)?))
    }

    fn trace<B: Source, A: Source>(
        &self,
        segment: &Segment,
        state: Around<B, A>,
    ) -> Result<(Trace, Duration), Error> {
        let start = Instant::now();
        let most = self.key.usable_rows() as u32;
        let trace = segment::trace(&self.module.executable, segment, state, most)?;
        Ok((trace, start.elapsed()))
    }

    fn assign(&self, segment: &Segment, trace: &Trace) -> Result<Witness, Error> {
        let instance = segment.inputs.to_fields().to_vec();
        let advice = assign(&self.module.machine, &self.tables, trace, &instance)?;
        Ok(Witness {
            advice,
            fixed: self.tables.fixed().to_vec(),
            instance,
        })
    }

    fn rows(&self, trace: &Trace) -> Result<usize, AssignError> {
        assign::rows(&self.tables, trace)
    }

    /// Whether a segment fits the shape.
    ///
    /// # Errors
    /// When it has no trace of any length.
    pub fn fits<B: Source, A: Source>(&self, segment: &Segment, state: Around<B, A>) -> Result<bool, Error> {
        match self.trace(segment, state) {
            // One END row at least.
            Ok((trace, _)) => Ok(self.rows(&trace)? < self.key.usable_rows()),
            Err(Error::Fault(fault)) if fault.reason == Reason::StepLimit => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Proves a segment.
    ///
    /// # Errors
    /// When it has no trace, does not fit, or the watch says stop.
    pub fn prove<B: Source, A: Source>(
        &self,
        segment: &Segment,
        state: Around<B, A>,
        watch: &Watch<'_>,
    ) -> Result<Proof, Error> {
        let (trace, traced) = self.trace(segment, state)?;
        let start = Instant::now();
        let witness = self.assign(segment, &trace)?;
        let assigned = start.elapsed();
        let start = Instant::now();
        let bytes = fast::prove(&self.key, &witness, &mut OsRng, watch)?;
        Ok(Proof {
            envelope: ProofEnvelope {
                vk: self.vk.digest(),
                inputs: segment.inputs,
                proof: Bytes::new(bytes).map_err(|_| Error::Long)?,
            },
            rows: self.rows(&trace)?,
            trace: traced,
            assign: assigned,
            prove: start.elapsed(),
        })
    }
}
