//! A chain's proofs, as it finds them when it is opened. They can be made again, so what is damaged is set aside.

use crate::chain::Chain;
use crate::end::Trouble;
use playfair_storage::history::History;
use playfair_storage::proofs::{Proofs, ProofsError, Tip};
use playfair_storage::{Disk, Folder, Medium};
use std::error::Error;
use std::io::{self, ErrorKind};
use std::sync::Arc;

/// The file of a chain's proofs.
pub(crate) const FILE: &str = "proofs.redb";
/// Memory for its cache, bytes.
const CACHE: usize = 4 << 20;

/// The proofs that are kept; none of those if they are damaged or not to be trusted.
pub(crate) fn open(folder: &Folder, chain: &Chain, distrust: bool) -> Result<Arc<Proofs>, Trouble> {
    let open = || {
        let medium = Medium::open(folder, FILE).map_err(|error| Trouble {
            in_use: error.kind() == ErrorKind::WouldBlock,
            ..Trouble::passing(format!("{FILE}: {error}"))
        })?;
        Ok(Proofs::open(medium, CACHE, chain.id))
    };
    let mut found = open()?;
    if distrust || found.as_ref().is_err_and(ProofsError::is_damage) {
        // Closed before the file goes.
        drop(found);
        let name = &chain.record().name;
        tracing::warn!(chain = %name, "{FILE} is damaged, or of another history, and set aside: proofs are made again, if all blocks are there");
        let renamed = folder.rename(FILE, &format!("{FILE}.damaged"));
        let renamed = renamed.and_then(|()| folder.sync());
        renamed.map_err(|error| Trouble::passing(format!("{FILE}: {error}")))?;
        found = open()?;
    }
    found.map(Arc::new).map_err(Trouble::passing)
}

/// Whether the proven history can be one of these blocks. Proofs that are newer than the blocks (an operator brought back an
/// older log) would call what comes next proven.
pub(crate) fn fits(history: &History, tip: &Tip) -> bool {
    let Some(end) = &tip.boundary else { return true };
    let after = |height: u64| {
        let block = history.block(height).ok().flatten();
        block.map(|block| block.header.after)
    };
    let first = history.first();
    if first > 0 && end.height < first {
        // A chain that was not to be proven any more has let go what would tell. Its proofs end before what is still there.
        return after(first).is_some_and(|block| end.tape.length < block.tape.length);
    }
    let Some(here) = after(end.height) else {
        return false;
    };
    if here.tape.length == end.tape.length {
        return here == *end;
    }
    let before = match end.height.checked_sub(1) {
        Some(before) if before < first => Some(0),
        Some(before) => after(before).map(|before| before.tape.length),
        None => Some(0),
    };
    before.is_some_and(|before| (before..here.tape.length).contains(&end.tape.length))
}

/// Whether proving can go on from the end of the proven history: the blocks after it are there.
pub(crate) fn goes_on(history: &History, tip: &Tip) -> bool {
    let end = tip.boundary.map(|end| end.height);
    history.first() == 0 || end.is_some_and(|end| end >= history.first())
}

/// Whether somebody still has a file.
pub(crate) fn is_in_use(error: &(dyn Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(error) = at {
        let found = error.downcast_ref::<io::Error>();
        if found.is_some_and(|error| error.kind() == ErrorKind::WouldBlock) {
            return true;
        }
        at = error.source();
    }
    false
}
