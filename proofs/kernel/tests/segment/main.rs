//! The kernel against the native machine: the same tape, the same boundary, for every kind of record and outcome.

mod common;
mod cost;
mod ends;
mod forgeries;
mod geneses;
mod histories;
mod hostile;
mod lies;
mod records;
