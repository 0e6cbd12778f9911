//! The constraints of the register machine, its buses and its witness, independent of any proof system.
