//! What the recorded games come to, committed: debug and release builds, tests and the demo, this machine and the next must
//! agree on the module's bytes and on every root.

use crate::module::chess;
use playfair_runtime::local::Local;
use playfair_types::crypto::field::fr_to_bytes;
use std::path::{Path, PathBuf};

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/recorded-games.txt")
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where the recorded games, played one after the other with a block for each call, must end.
#[must_use]
pub fn text(local: &Local) -> String {
    let boundary = local.chain.boundary();
    format!(
        "module {}\nchain {}\nheight {}\nstate root {}\nreceipts {}\nblock {}\n",
        hex(&chess().admitted.hash.0),
        hex(&fr_to_bytes(&local.chain.machine().chain_id())),
        boundary.height,
        hex(&fr_to_bytes(&boundary.state_root)),
        hex(&fr_to_bytes(&boundary.receipts)),
        hex(&local.chain.digest()),
    )
}

/// Whether a chain ended where it must. With `PLAYFAIR_BLESS=1` its end becomes what must be.
///
/// # Panics
/// When the file cannot be read or written.
#[must_use]
pub fn agrees(local: &Local) -> bool {
    let text = text(local);
    if std::env::var_os("PLAYFAIR_BLESS").is_some() {
        std::fs::write(file(), &text).expect("writing the committed end");
    }
    std::fs::read_to_string(file()).expect("the committed end") == text
}
