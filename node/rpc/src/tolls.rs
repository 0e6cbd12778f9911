//! What dear requests cost beyond the one token that every request has paid.

/// Keys that are read and proven for one token.
const KEYS: usize = 16;
/// Blocks that are listed for one token.
const BLOCKS: u64 = 16;
/// What a query costs: it may use as much gas as a call.
pub(crate) const QUERY: u32 = 4;

/// For reading and proving so many keys.
pub(crate) fn keys(count: usize) -> u32 {
    1 + u32::try_from(count / KEYS).unwrap_or(u32::MAX - 1)
}

/// For listing so many blocks.
pub(crate) fn blocks(count: u64) -> u32 {
    u32::try_from(count / BLOCKS).unwrap_or(u32::MAX)
}
