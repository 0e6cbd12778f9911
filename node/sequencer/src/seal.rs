//! From an executed block to what is kept of it.

use playfair_runtime::chain::Block;
use playfair_storage::{Done, Sealed};
use playfair_types::certificate::Certificate;
use playfair_types::crypto::field::fr_to_bytes;

/// A block with its certificate. `work` is that of everything before it. What modules said to their operators is handed
/// back beside it: it is no part of any history.
pub(crate) fn seal(
    block: Block,
    certificate: Option<Certificate>,
    work: u64,
) -> (Sealed, Vec<(u32, String)>) {
    let mut logs = Vec::new();
    let mut total = work;
    let mut records = Vec::with_capacity(block.records.len());
    for ((index, prepared), applied) in (0..).zip(block.records).zip(block.applied) {
        total = total.saturating_add(applied.work);
        logs.extend(applied.logs.into_iter().map(|line| (index, line)));
        records.push(Done {
            id: prepared.message().map(|message| fr_to_bytes(&message)),
            record: prepared.into_bytes(),
            receipt: applied.receipt,
            body: applied.body,
            messages: applied.messages,
        });
    }
    let sealed = Sealed {
        header: block.header,
        certificate,
        work: total,
        records,
    };
    (sealed, logs)
}
