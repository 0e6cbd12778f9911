//! The files of a chain: healed, set aside, made again.

use super::{Chapter, OpenError};
use playfair_state::{RedbStore, State, StateError};
use playfair_storage::history::{History, HistoryError};
use playfair_storage::log::{Body, Found, LogError, Salt, TapeLog, repair};
use playfair_storage::{Disk, Medium};
use playfair_types::header::Header;
use playfair_types::{Decode, Fr};
use std::io;
use std::sync::Arc;

const STATE: &str = "state.redb";
const HISTORY: &str = "history.redb";

/// The files of a chain.
pub(super) struct Files<D> {
    pub(super) disk: D,
    pub(super) chain_id: Fr,
    pub(super) cache_bytes: usize,
    pub(super) report: Vec<Chapter>,
}

impl<D: Disk> Files<D> {
    /// An empty log and an empty history, in place of everything.
    pub(super) fn create(&mut self, salt: Salt) -> Result<(TapeLog<D>, Option<Arc<History>>), OpenError> {
        let failed = |source| OpenError::Disk {
            file: "the chain's folder",
            source,
        };
        // What is called new and has blocks is not.
        if let Ok(Some((log, _))) = TapeLog::open(self.disk.clone(), self.chain_id)
            && log.next() > 1
        {
            return Err(failed(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "the chain is called new, and has sealed blocks here",
            )));
        }
        for name in self.disk.list().map_err(failed)? {
            self.disk.remove(&name).map_err(failed)?;
        }
        self.disk.sync().map_err(failed)?;
        let log = TapeLog::create(self.disk.clone(), self.chain_id, 0, salt)?;
        Ok((log, self.history(true)?))
    }

    /// The log, healed if it must be and can be; and the history, if it is not damaged.
    pub(super) fn log_and_history(
        &mut self,
        salt: Salt,
    ) -> Result<(TapeLog<D>, Option<Arc<History>>), OpenError> {
        // The log first: if it is another chain's, nothing here is to be touched.
        let opened = match TapeLog::open(self.disk.clone(), self.chain_id) {
            Err(error) if !error.is_damage() => return Err(error.into()),
            opened => opened,
        };
        let history = self.history(matches!(opened, Ok(Some(_))))?;
        let copies = history.as_ref().map_or(0, |history| history.next());
        let (log, found) = match opened {
            Ok(Some((log, found))) if log.next() >= copies && log.first() == 0 => (log, found),
            Ok(None) if copies == 0 => return Err(OpenError::Lost { height: 0 }),
            // Damaged, or shorter than it was.
            opened => {
                drop(opened);
                self.heal(history.as_ref(), copies, salt)?
            }
        };
        if found.torn_bytes > 0 {
            self.report.push(Chapter::Torn {
                bytes: found.torn_bytes,
            });
        }
        Ok((log, history))
    }

    /// The history as it is; none if it is damaged. With a log that says whose folder this is, a history that says otherwise
    /// is damaged, too.
    fn history(&mut self, has_log: bool) -> Result<Option<Arc<History>>, OpenError> {
        match History::open(self.medium(HISTORY)?, self.cache_bytes, self.chain_id, 0) {
            // One that begins later would hide what is in it.
            Ok(history) if history.first() == 0 => Ok(Some(Arc::new(history))),
            Err(HistoryError::Store(error)) if !error.is_damage() => Err(HistoryError::Store(error).into()),
            Err(HistoryError::Other(what)) if !has_log => Err(HistoryError::Other(what).into()),
            _ => {
                self.report.push(Chapter::DamagedHistory);
                Ok(None)
            }
        }
    }

    /// The state, if it stands at a block of the history or at none.
    pub(super) fn state(
        &mut self,
        log: &TapeLog<D>,
        history: Option<&Arc<History>>,
    ) -> Result<Option<Arc<State>>, OpenError> {
        let store = RedbStore::open_backend(self.medium(STATE)?, self.cache_bytes);
        let state = match store.map_err(StateError::from).and_then(State::open) {
            Ok(state) => state,
            Err(StateError::Store(error)) if !error.is_damage() => {
                return Err(StateError::Store(error).into());
            }
            Err(_) => {
                self.report.push(Chapter::DamagedState);
                return Ok(None);
            }
        };
        if state.version() == 0 {
            return Ok(Some(Arc::new(state)));
        }
        let header = Header::decode(&state.note()).map(|mut header| {
            header.after.state_root = state.root();
            header
        });
        if let Ok(header) = &header
            && header.chain_id == self.chain_id
            && header.after.height >= log.next()
        {
            return Err(OpenError::Lost { height: log.next() });
        }
        let Some(history) = history else {
            return Ok(Some(Arc::new(state)));
        };
        let known = header.ok().and_then(|header| {
            let block = history.block(header.after.height).ok()??;
            (block.header == header).then_some(())
        });
        if known.is_none() {
            self.report.push(Chapter::DamagedState);
        }
        Ok(known.map(|()| Arc::new(state)))
    }

    /// Makes sure that the whole log can be read before what could heal it is set aside.
    pub(super) fn assure(
        &mut self,
        log: &mut TapeLog<D>,
        history: Option<&Arc<History>>,
        salt: Salt,
    ) -> Result<(), OpenError> {
        let error = match log.read(0, |_, _| Ok::<_, LogError>(true)) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if history.is_none() || !error.is_damage() {
            return Err(error.into());
        }
        (*log, _) = self.heal(history, log.next(), salt)?;
        Ok(())
    }

    /// Puts the history's copies in the place of damaged blocks. Those below `next` must come to be there.
    fn heal(
        &mut self,
        history: Option<&Arc<History>>,
        next: u64,
        salt: Salt,
    ) -> Result<(TapeLog<D>, Found), OpenError> {
        let copy = |height| Some(Body::of(&*history?.block(height).ok()??));
        let repaired = repair(&self.disk, self.chain_id, 0, next, salt, copy)?;
        self.report.push(Chapter::HealedLog {
            blocks: repaired.copied,
        });
        let healed = TapeLog::open(self.disk.clone(), self.chain_id)?;
        healed.ok_or(OpenError::Lost { height: 0 })
    }

    /// An empty state; and an empty history, if there is none. What was there is set aside.
    pub(super) fn anew(
        &mut self,
        history: Option<Arc<History>>,
        state: Option<Arc<State>>,
    ) -> Result<(Arc<History>, Arc<State>), OpenError> {
        // Closed before the file goes.
        drop(state);
        self.set_aside(STATE)?;
        let history = match history {
            Some(history) => history,
            None => {
                self.set_aside(HISTORY)?;
                let medium = self.medium(HISTORY)?;
                Arc::new(History::open(medium, self.cache_bytes, self.chain_id, 0)?)
            }
        };
        let store =
            RedbStore::open_backend(self.medium(STATE)?, self.cache_bytes).map_err(StateError::from)?;
        Ok((history, Arc::new(State::open(store)?)))
    }

    fn set_aside(&self, file: &'static str) -> Result<(), OpenError> {
        let renamed = self.disk.rename(file, &format!("{file}.damaged"));
        renamed
            .and_then(|()| self.disk.sync())
            .map_err(|source| OpenError::Disk { file, source })
    }

    fn medium(&self, file: &'static str) -> Result<Medium<D::File>, OpenError> {
        Medium::open(&self.disk, file).map_err(|source| OpenError::Disk { file, source })
    }
}
