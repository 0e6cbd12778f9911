//! The constraints of the register machine, its buses and its witness, independent of any proof system.
//!
//! docs/CIRCUIT.md is the machine. [`lanes::Machine`] is its constraints, [`tables::Tables`] a program as fixed columns, and
//! [`assign::assign`] makes the advice columns from a trace.

pub mod air;
pub mod assign;
pub mod columns;
pub mod lanes;
pub mod lint;
pub mod op;
pub mod tables;
