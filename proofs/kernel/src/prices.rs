//! What things cost: gas schedule 2, as this program knows it (FORMATS.md section 17). A chain of another schedule has no proof.
//!
//! The tests compare all of it with the tables that the runtime charges by.

/// The schedule's version.
pub(crate) const VERSION: u64 = 2;

/// Any call.
pub(crate) const CALL_BASE: u32 = 3_600;
/// A frame of the tape.
pub(crate) const FRAME: u32 = 480;
/// A word that a host function reads or writes.
pub(crate) const WORD: u32 = 4;
/// A word of a bulk operation.
pub(crate) const BULK_WORD: u32 = 8;
/// A permutation.
pub(crate) const PERMUTATION: u32 = 24;
/// First touch of a key.
pub(crate) const STATE_KEY: u32 = 2_984;
/// First change of a key.
pub(crate) const STATE_WRITE: u32 = 2_308;
/// A system entry.
pub(crate) const SYSTEM_ENTRY: u32 = 4_096;
/// A frame of the outbox.
pub(crate) const MESSAGE_FRAME: u32 = 800;

/// The price of a bulk operation's started words. That of 2^29 of them does not fit 32 bits: it is more than any gas all the same.
pub(crate) const fn bulk(length: u32) -> u32 {
    let words = (length >> 3) + (length & 7 != 0) as u32;
    if words > u32::MAX / BULK_WORD {
        return u32::MAX;
    }
    BULK_WORD * words
}

/// What every call of a host function costs.
pub(crate) mod fixed {
    use super::MESSAGE_FRAME;

    pub(crate) const INPUT: u32 = 48;
    pub(crate) const OUTPUT: u32 = 104;
    pub(crate) const GET: u32 = 240;
    pub(crate) const SET: u32 = 208;
    pub(crate) const REMOVE: u32 = 144;
    pub(crate) const EXISTS: u32 = 144;
    pub(crate) const EMIT: u32 = 112;
    pub(crate) const SEND: u32 = 160 + MESSAGE_FRAME;
    pub(crate) const CALLER: u32 = 72;
    pub(crate) const VALUE: u32 = 24;
    pub(crate) const CHAIN_ID: u32 = 32;
    pub(crate) const HEIGHT: u32 = 16;
    pub(crate) const TIME: u32 = 16;
    pub(crate) const RANDOMNESS: u32 = 40;
    pub(crate) const BALANCE: u32 = 120;
    pub(crate) const TRANSFER: u32 = 260;
    pub(crate) const WITHDRAW: u32 = 160 + MESSAGE_FRAME;
    pub(crate) const POSEIDON2: u32 = 112;
    pub(crate) const POSEIDON5: u32 = 168;
    pub(crate) const LOG: u32 = 24;
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_abi::host::HostFunction as Host;
    use playfair_types::limits::{GAS_SCHEDULE_2, GasSchedule};

    #[test]
    fn the_schedule_is_the_formats() {
        let ours = GasSchedule {
            version: VERSION as u16,
            call_base: CALL_BASE,
            frame: FRAME,
            row: 1,
            word: WORD,
            bulk_word: BULK_WORD,
            permutation: PERMUTATION,
            state_key: STATE_KEY,
            state_write: STATE_WRITE,
            system_entry: SYSTEM_ENTRY,
            message_frame: MESSAGE_FRAME,
        };
        assert_eq!(ours, GAS_SCHEDULE_2);
    }

    #[test]
    fn no_length_makes_a_bulk_operation_cheap() {
        let around = |middle: u32| (0..20).map(move |more| middle.wrapping_sub(10).wrapping_add(more));
        for length in [0, 49_152 * 8, 1 << 29, 1 << 31].into_iter().flat_map(around) {
            let price = u64::from(BULK_WORD) * u64::from(length).div_ceil(8);
            assert_eq!(
                u64::from(bulk(length)),
                price.min(u64::from(u32::MAX)),
                "{length}"
            );
        }
    }

    #[test]
    fn host_functions_cost_what_their_table_says() {
        let ours = [
            (Host::Input, fixed::INPUT),
            (Host::Output, fixed::OUTPUT),
            (Host::Revert, fixed::OUTPUT),
            (Host::Get, fixed::GET),
            (Host::Set, fixed::SET),
            (Host::Remove, fixed::REMOVE),
            (Host::Exists, fixed::EXISTS),
            (Host::Emit, fixed::EMIT),
            (Host::Send, fixed::SEND),
            (Host::Caller, fixed::CALLER),
            (Host::Value, fixed::VALUE),
            (Host::ChainId, fixed::CHAIN_ID),
            (Host::Height, fixed::HEIGHT),
            (Host::Time, fixed::TIME),
            (Host::Randomness, fixed::RANDOMNESS),
            (Host::Balance, fixed::BALANCE),
            (Host::Transfer, fixed::TRANSFER),
            (Host::Withdraw, fixed::WITHDRAW),
            (Host::Poseidon2, fixed::POSEIDON2),
            (Host::Poseidon5, fixed::POSEIDON5),
            (Host::Log, fixed::LOG),
        ];
        assert_eq!(ours.map(|(function, _)| function), *Host::ALL);
        for (function, price) in ours {
            assert_eq!(price, function.fixed_gas(&GAS_SCHEDULE_2), "{function:?}");
        }
    }
}
