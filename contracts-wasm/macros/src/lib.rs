//! Macros of the guest SDK.
