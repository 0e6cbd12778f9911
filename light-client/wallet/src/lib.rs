//! Players' keys in a browser: what is done with a secret, and nothing else.
//!
//! A key is a seed of 32 bytes. The worker around this (`npm/wallet-worker.mjs`) draws it from the browser's randomness, keeps it wrapped
//! in IndexedDB, and hands it in here for as long as it is needed: to sign a call ([`call`]) or to be written into a backup ([`backup`]). What
//! held a seed in this module's memory is overwritten before it is let go.
//!
//! # How can I attack it?
//!
//! * **The page itself** may ask the wallet to sign anything: the wallet keeps secrets, it does not judge calls.
//! * **A backup that is hostile**: read strictly, bounded, in one form; what does not read whole is refused. It brings no more keys than there can be, and
//!   no name that looks like another one ([`names`]).
//! * **Numbers of JavaScript** that are none, or too large: refused, never rounded.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

pub mod backup;
pub mod call;
pub mod keys;
pub mod names;

#[cfg(target_arch = "wasm32")]
mod shell;
#[cfg(target_arch = "wasm32")]
pub use shell::{
    Keyring, Secret, allow, check_name, check_new_name, keys_max, name_beside, plain_name, revoke,
};
