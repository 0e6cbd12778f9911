//! The machine against docs/STATEMENT.md and docs/FORMATS.md, clause by clause.

mod common;

mod blocks;
mod calls;
mod checks;
mod fees;
mod genesis;
mod host;
mod host_state;
mod mutation;
mod payments;
mod query;
mod replay;
mod system;
mod upgrade;
