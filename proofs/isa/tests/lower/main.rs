//! Lowering end to end: modules through admission, lowering, linking and the reference interpreter.
mod bulk;
mod common;
mod cuts;
mod evaluate;
mod golden;
mod hostile;
mod kernel;
mod memory;
mod numbers;
mod programs;
mod random;
mod structured;
mod words;
mod worst;
