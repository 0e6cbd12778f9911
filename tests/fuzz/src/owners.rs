//! What light clients read of an account's keys, beside how the chain reads them.

use playfair_light_client_core::owners::Holder;
use playfair_types::account::KeyRecord;
use playfair_types::codec::Decode;

/// Any bytes: whatever is a key to the chain is one to the light client. It takes points besides that are not of prime order, which no chain writes.
pub(crate) fn check(bytes: &[u8]) -> bool {
    let is_key = Holder::decode(bytes).is_ok();
    assert!(
        is_key || KeyRecord::decode(bytes).is_err(),
        "a key of the chain is one here"
    );
    is_key
}
