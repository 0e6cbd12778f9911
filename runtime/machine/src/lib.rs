//! The chain's state machine: what each record of a tape does.
