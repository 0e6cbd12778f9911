//! todo
mod answers;
mod error;
mod execute;
mod job;
mod modules;
mod segmenter;
mod trial;

pub use answers::{Answer, Answers, AnswersError, Known};
pub use error::Error;
pub use job::{JOB_BYTES_MAX, Job};
pub use modules::{Linked, ModuleError, Modules};
pub use segmenter::{Cut, Place, Position, Segmenter, Settings};
