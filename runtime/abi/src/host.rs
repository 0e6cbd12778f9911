//! The host functions: one table, from which imports are checked, engines linked, prices taken and docs/HOST.md
//! written.
//!
//! Rules for all of them:
//! - A pointer is a multiple of 8 and, with its length, lies inside memory; else the trap *host argument*. So host calls
//!   move whole 64-bit words, which is what a circuit can do cheaply. Bytes of the last word past a length are ignored when
//!   read and zero when written.
//! - Account ids and L1 addresses are 20 bytes; amounts are 16 bytes, little-endian; chain id, randomness and field
//!   elements are 32 bytes, little-endian, below the field's modulus.
//! - In this order: the fixed price is charged; bad arguments are refused (trap *host argument*), then counts (trap *host
//!   limit*); what depends on lengths and first touches is charged; then the function acts.

use playfair_types::limits::GasSchedule;

/// A WebAssembly value type that the ABI uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
}

/// The part of a host function's price that every call of it costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// Rows of the machine at worst, beside what is counted on its own.
    pub rows: u32,
    /// Frames of the outbox.
    pub frames: u32,
}

/// A host function.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// Its name in the import module `playfair`.
    pub name: &'static str,
    /// Names of its parameters, for documentation.
    pub param_names: &'static [&'static str],
    /// Types of its parameters.
    pub params: &'static [ValType],
    /// Type of its result.
    pub result: Option<ValType>,
    /// What every call of it costs.
    pub fixed: Fixed,
    /// Whether a query may call it: whether it changes nothing.
    pub read_only: bool,
    /// What it does, in words.
    pub docs: &'static str,
}

/// The import module that host functions belong to.
pub const IMPORT_MODULE: &str = "playfair";

macro_rules! host_functions {
    ($($(#[doc = $docs:literal])+
       $variant:ident = $name:literal ($($param:ident: $type:ident),*) $(-> $result:ident)?,
       $mode:ident { rows: $rows:literal $(, frames: $frames:literal)? };)+) => {
        /// The host functions, in the order of their numbers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum HostFunction { $($(#[doc = $docs])+ $variant),+ }

        impl HostFunction {
            /// Every host function.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its row of the table.
            #[must_use]
            pub const fn signature(self) -> &'static Signature {
                match self {
                    $(Self::$variant => &Signature {
                        name: $name,
                        param_names: &[$(stringify!($param)),*],
                        params: &[$(ValType::$type),*],
                        result: host_functions!(@result $($result)?),
                        fixed: Fixed { rows: $rows, frames: 0 $(+ $frames)? },
                        read_only: host_functions!(@$mode),
                        docs: concat!($($docs),+),
                    }),+
                }
            }
        }
    };
    (@result) => { None };
    (@result $result:ident) => { Some(ValType::$result) };
    (@reads) => { true };
    (@writes) => { false };
}

host_functions! {
    /// Writes the payload to `to`. Its length came as the entry point's last argument.
    Input = "input"(to: I32), reads { rows: 48 };
    /// Sets the bytes that the call returns, at most 1,024; the last call counts. They are kept only if the call ends ok.
    Output = "output"(from: I32, length: I32), reads { rows: 104 };
    /// Ends the call as *reverted* with a message of at most 256 bytes.
    Revert = "revert"(from: I32, length: I32), reads { rows: 104 };
    /// Reads the value of a key of at most 64 bytes. Returns its length, or -1 if there is none. The value is written
    /// to `to` if it fits `capacity`, a multiple of 8; otherwise nothing is written. The whole value is paid for either way.
    Get = "get"(key: I32, key_length: I32, to: I32, capacity: I32) -> I32, reads { rows: 240 };
    /// Writes a value of at most 4,096 bytes under a key of at most 64 bytes. The empty value is a value.
    Set = "set"(key: I32, key_length: I32, from: I32, length: I32), writes { rows: 208 };
    /// Removes a key. Returns 1 if there was a value, else 0.
    Remove = "remove"(key: I32, key_length: I32) -> I32, writes { rows: 144 };
    /// Returns 1 if the key has a value, else 0.
    Exists = "exists"(key: I32, key_length: I32) -> I32, reads { rows: 144 };
    /// Emits an event with a topic below 65,536 and at most 1,024 bytes of data; at most 64 a call.
    Emit = "emit"(topic: I32, from: I32, length: I32), writes { rows: 112 };
    /// Sends at most 1,024 bytes to an L1 contract through the outbox; at most 16 messages a call, withdrawals
    /// included. Returns 0, or 2 if the chain has no L1.
    Send = "send"(address: I32, from: I32, length: I32) -> I32, writes { rows: 160, frames: 1 };
    /// Writes the id of the calling account, 20 bytes and 4 zero, to `to`; zeros in init, tick and query.
    Caller = "caller"(to: I32), reads { rows: 72 };
    /// Writes the amount that the call pays to the module (system entry 245), 16 bytes, to `to`; zero otherwise.
    Value = "value"(to: I32), reads { rows: 24 };
    /// Writes the chain id, 32 bytes, to `to`.
    ChainId = "chain_id"(to: I32), reads { rows: 32 };
    /// Returns the height of the block.
    Height = "height"() -> I64, reads { rows: 16 };
    /// Returns the time of the block, in milliseconds since 1970.
    Time = "time"() -> I64, reads { rows: 16 };
    /// Writes the randomness of the block, 32 bytes of which the last is zero, to `to`. Who knows it when: docs/STATEMENT.md.
    Randomness = "randomness"(to: I32), reads { rows: 40 };
    /// Writes the balance of an account, 16 bytes, to `to`.
    Balance = "balance"(account: I32, to: I32), reads { rows: 120 };
    /// Moves an amount from the module's account to another. Returns 0, or 1 if the module has less. A receiver's balance
    /// that would reach 2^128 is the trap *host limit*, found when all is paid.
    Transfer = "transfer"(account: I32, amount: I32) -> I32, writes { rows: 260 };
    /// Moves an amount from the module's account to an L1 address, as an outbox message. Returns 0, 2 if the chain has no
    /// L1, else 1 if the module has less. The amount 0 is a bad argument.
    Withdraw = "withdraw"(address: I32, amount: I32) -> I32, writes { rows: 160, frames: 1 };
    /// Hashes two field elements at `from` with circomlib's Poseidon (t = 3) to `to`. An element that is not below the
    /// modulus is a bad argument.
    Poseidon2 = "poseidon2"(from: I32, to: I32), reads { rows: 112 };
    /// Hashes five field elements at `from` with circomlib's Poseidon (t = 6) to `to`.
    Poseidon5 = "poseidon5"(from: I32, to: I32), reads { rows: 168 };
    /// Shows at most 1,024 bytes of text to whoever runs the module. No part of any receipt.
    Log = "log"(from: I32, length: I32), reads { rows: 24 };
}

impl HostFunction {
    /// The function with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|function| function.signature().name == name)
    }

    /// Gas that every call of it costs, before it looks at an argument.
    #[must_use]
    pub const fn fixed_gas(self, schedule: &GasSchedule) -> u32 {
        let Fixed { rows, frames } = self.signature().fixed;
        rows * schedule.row + frames * schedule.message_frame
    }
}

/// What a host call costs beside its fixed price: counted by the host, priced by the schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dynamic {
    /// Bytes moved between memory and host, in started words.
    pub words: u32,
    /// `poseidon5` permutations.
    pub permutations: u32,
    /// State keys and accounts that the run touches for the first time.
    pub state_keys: u32,
    /// State keys that the run changes for the first time, and accounts that it may change.
    pub state_writes: u32,
    /// Frames of the outbox.
    pub frames: u32,
}

impl Dynamic {
    /// Its gas. Bounded lengths keep it far below 2^32.
    #[must_use]
    pub const fn gas(&self, schedule: &GasSchedule) -> u32 {
        self.words * schedule.word
            + self.permutations * schedule.permutation
            + self.state_keys * schedule.state_key
            + self.state_writes * schedule.state_write
            + self.frames * schedule.message_frame
    }
}

/// Started 64-bit words of `bytes` bytes.
#[must_use]
pub const fn words(bytes: usize) -> u32 {
    bytes.div_ceil(8) as u32
}

/// `poseidon5` permutations that hash `bytes` bytes in limbs of 24, after `before` other elements.
#[must_use]
pub const fn permutations(before: usize, bytes: usize) -> u32 {
    let blocks = (before + bytes.div_ceil(24)).div_ceil(4);
    if blocks == 0 { 1 } else { blocks as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_types::limits::GAS_SCHEDULE;

    #[test]
    fn names_are_unique_and_found() {
        for function in HostFunction::ALL {
            assert_eq!(HostFunction::named(function.signature().name), Some(*function));
        }
        assert_eq!(HostFunction::named("Input"), None);
    }

    #[test]
    fn prices_add_up() {
        let schedule = GAS_SCHEDULE;
        let gas = |function: HostFunction| function.fixed_gas(schedule);
        assert_eq!(gas(HostFunction::Get), HostFunction::Get.signature().fixed.rows);
        assert_eq!(
            gas(HostFunction::Send),
            HostFunction::Send.signature().fixed.rows + schedule.message_frame
        );
        let value = Dynamic {
            words: words(4096),
            permutations: permutations(0, 4096),
            state_keys: 1,
            state_writes: 1,
            frames: 0,
        };
        assert_eq!(
            value.gas(schedule),
            512 * schedule.word + 43 * schedule.permutation + schedule.state_key + schedule.state_write
        );
        assert_eq!(permutations(0, 0), 1);
        assert_eq!((permutations(1, 72), permutations(1, 73)), (1, 2));
    }
}
