//! The chain's own rules as a program for the register machine.
