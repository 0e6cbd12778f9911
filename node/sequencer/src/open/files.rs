//! The files of a chain: healed, set aside, made again.

use super::{Chapter, OpenError};
use playfair_bls::Verifier;
use playfair_runtime::chain::note;
use playfair_state::{RedbStore, State, StateError};
use playfair_storage::base::{self, Base};
use playfair_storage::history::{History, HistoryError};
use playfair_storage::log::{Body, Found, LogError, Salt, TapeLog, repair};
use playfair_storage::{Disk, Medium};
use playfair_types::certificate::Committee;
use playfair_types::header::Header;
use playfair_types::{Decode, Fr};
use std::io;
use std::sync::Arc;

const STATE: &str = "state.redb";
const HISTORY: &str = "history.redb";

/// The files of a chain.
pub(super) struct Files<D: Disk> {
    pub(super) disk: D,
    pub(super) chain_id: Fr,
    pub(super) cache_bytes: usize,
    pub(super) salt: Salt,
    /// Blocks with the states after them, ascending; their heads and certificates check.
    pub(super) bases: Vec<Base<D::File>>,
    pub(super) report: Vec<Chapter>,
}

impl<D: Disk> Files<D> {
    /// An empty log and an empty history, in place of everything.
    pub(super) fn create(&mut self) -> Result<(TapeLog<D>, Option<Arc<History>>), OpenError> {
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
        let log = TapeLog::create(self.disk.clone(), self.chain_id, 0, self.salt)?;
        Ok((log, self.history(Some(0))?))
    }

    /// The log, healed if it must be and can be; and the history, if it is not damaged.
    pub(super) fn log_and_history(
        &mut self,
        committee: &Committee,
    ) -> Result<(TapeLog<D>, Option<Arc<History>>), OpenError> {
        // The log first: if it is another chain's, nothing here is to be touched.
        let opened = match TapeLog::open(self.disk.clone(), self.chain_id) {
            Err(error) if !error.is_damage() => return Err(error.into()),
            opened => opened,
        };
        self.find_bases(committee)?;
        let first = match &opened {
            Ok(found) => found.as_ref().map(|(log, _)| log.first()),
            Err(_) => TapeLog::first_on(&self.disk)?,
        };
        let history = self.history(first.filter(|_| opened.is_ok()))?;
        let copies = history.as_ref().map_or(0, |history| history.next());
        let wanted = self.wanted(history.as_ref(), first);
        let (log, found) = match opened {
            Ok(Some((log, found))) if log.next() >= copies && log.first() <= wanted => (log, found),
            Ok(None) if !history.as_ref().is_some_and(has_blocks) => {
                return Err(OpenError::Lost { height: wanted });
            }
            // Damaged, or shorter than it was.
            opened => {
                drop(opened);
                self.heal(history.as_ref(), wanted, copies)?
            }
        };
        if found.torn_bytes > 0 {
            self.report.push(Chapter::Torn {
                bytes: found.torn_bytes,
            });
        }
        Ok((log, history))
    }

    /// Looks at the bases. Those that do not check are set aside; one that the committee has not certified was not written
    /// here, and is left alone.
    fn find_bases(&mut self, committee: &Committee) -> Result<(), OpenError> {
        for height in base::heights(&self.disk)? {
            match Base::open(&self.disk, self.chain_id, height) {
                Ok(base) if is_certified(&base, committee) => self.bases.push(base),
                Ok(_) => return Err(OpenError::Uncertified { height }),
                Err(error) if error.is_damage() => {
                    base::set_aside(&self.disk, height)?;
                    self.report.push(Chapter::DamagedBase { height });
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The first base of a chain that lacks the blocks below `history` in its history, and those below `log` in its log.
    fn base_from(&self, history: u64, log: u64) -> Option<u64> {
        self.bases_from(history, log).next()
    }

    fn bases_from(&self, history: u64, log: u64) -> impl Iterator<Item = u64> {
        let heights = self.bases.iter().map(Base::height);
        heights.filter(move |height| *height >= history && *height + 1 >= log)
    }

    /// The height from which on the log must have every block: what the chain can be made again from comes before it. Once the
    /// history is pruned, the log may be.
    fn wanted(&self, history: Option<&Arc<History>>, log_first: Option<u64>) -> u64 {
        let after = |history, log| Some(self.base_from(history, log)? + 1);
        match (history.filter(|history| has_blocks(history)), log_first) {
            (Some(history), _) if history.first() > 0 => after(history.first(), 0).unwrap_or(history.first()),
            (Some(_), _) | (None, None | Some(0)) => 0,
            (None, Some(first)) => after(0, first).unwrap_or(first),
        }
    }

    /// The history as it is; none if it is damaged. With a log that says whose folder this is, a history that says otherwise
    /// is damaged, too.
    fn history(&mut self, log_first: Option<u64>) -> Result<Option<Arc<History>>, OpenError> {
        let first = log_first.filter(|first| *first > 0);
        let first = first.and_then(|first| self.base_from(0, first)).unwrap_or(0);
        match History::open(self.medium(HISTORY)?, self.cache_bytes, self.chain_id, first) {
            // One that begins later than all else would hide what is in the log.
            Ok(history)
                if history.first() == 0
                    || log_first != Some(0)
                    || self.base_from(history.first(), 0).is_some() =>
            {
                Ok(Some(Arc::new(history)))
            }
            Err(HistoryError::Store(error)) if !error.is_damage() => Err(HistoryError::Store(error).into()),
            Err(HistoryError::Other(what)) if log_first.is_none() => Err(HistoryError::Other(what).into()),
            _ => {
                self.report.push(Chapter::DamagedHistory);
                Ok(None)
            }
        }
    }

    /// The state, if it stands at a block of the history, or at none and the chain begins with genesis.
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
            let from_genesis = log.first() == 0 && history.is_none_or(|history| history.first() == 0);
            // With more to execute than genesis, all that it is to be made of is looked at first.
            return Ok((from_genesis && log.next() <= 1).then(|| Arc::new(state)));
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

    /// Puts the history's copies in the place of damaged blocks from `wanted` on. Those below `next` must come to be there.
    fn heal(
        &mut self,
        history: Option<&Arc<History>>,
        wanted: u64,
        next: u64,
    ) -> Result<(TapeLog<D>, Found), OpenError> {
        let copy = |height| Some(Body::of(&*history?.block(height).ok()??));
        let repaired = repair(&self.disk, self.chain_id, wanted, next, self.salt, copy)?;
        self.report.push(Chapter::HealedLog {
            blocks: repaired.copied,
        });
        let healed = TapeLog::open(self.disk.clone(), self.chain_id)?;
        healed.ok_or(OpenError::Lost { height: wanted })
    }

    /// Where the chain can begin again: the first base, or genesis (none), after which the whole log can be read. That is made sure
    /// before what could heal the log is set aside.
    fn beginning(
        &mut self,
        log: &mut TapeLog<D>,
        history: Option<&Arc<History>>,
        keep: bool,
    ) -> Result<Option<u64>, OpenError> {
        // A history that is kept has what it has; one that is not is made of all that the log has.
        let lacks = history.filter(|_| keep).map_or(0, |history| history.first());
        let genesis = (log.first() == 0 && lacks == 0).then_some(None);
        let bases = self.bases_from(lacks, log.first()).map(Some);
        let choices: Vec<Option<u64>> = genesis.into_iter().chain(bases).collect();
        let mut why = OpenError::Pruned { first: log.first() };
        for (place, base) in choices.into_iter().enumerate() {
            let from = base.map_or(0, |height| height + 1);
            if from > log.next() {
                return Err(OpenError::Lost { height: log.next() });
            }
            let error = match read_all(log, from) {
                Ok(()) => return Ok(base),
                Err(error) if !error.is_damage() => return Err(error.into()),
                Err(error) => OpenError::from(error),
            };
            let healed = match history {
                Some(_) => self.heal(history, from, log.next()),
                None => Err(error),
            };
            match healed {
                Ok((healed, _)) => {
                    *log = healed;
                    return Ok(base);
                }
                // The first is what an operator can mend.
                Err(error) if place == 0 => why = error,
                Err(_) => {}
            }
        }
        Err(why)
    }

    /// A state that is empty or a base's; and a history, if there is none or it is not to be kept. What was there is set aside.
    pub(super) fn anew(
        &mut self,
        log: &mut TapeLog<D>,
        mut history: Option<Arc<History>>,
        mut state: Option<Arc<State>>,
        mut keep: bool,
    ) -> Result<(Arc<History>, Arc<State>), OpenError> {
        loop {
            let begin = self.beginning(log, history.as_ref(), keep)?;
            // Closed before the files go.
            drop(state.take());
            history = history.filter(|_| keep);
            keep = true;
            self.set_aside(STATE)?;
            let Some(height) = begin else {
                let history = match history {
                    Some(history) => history,
                    None => self.new_history(0)?,
                };
                let store = self.store()?;
                return Ok((history, Arc::new(State::open(store)?)));
            };
            let has = |history: &Arc<History>| (history.first()..history.next()).contains(&height);
            let kept = match history.take().filter(has) {
                Some(kept) => kept,
                None => self.history_of_base(height)?,
            };
            match self.state_of_base(height)? {
                Some(state) => return Ok((kept, state)),
                // It was damaged: from another one.
                None => history = Some(kept),
            }
        }
    }

    /// A history that begins with the block of a base. It is safe before there is a state.
    fn history_of_base(&mut self, height: u64) -> Result<Arc<History>, OpenError> {
        let history = self.new_history(height)?;
        if let Some(base) = self.bases.iter().find(|base| base.height() == height) {
            history.push(Arc::new(base.block().clone()))?;
            history.flush()?;
        }
        Ok(history)
    }

    /// The state of a base; none if it is damaged, and then set aside.
    fn state_of_base(&mut self, height: u64) -> Result<Option<Arc<State>>, OpenError> {
        let store = self.store()?;
        let base = self.bases.iter().find(|base| base.height() == height);
        let base = base.ok_or(OpenError::Pruned { first: height })?;
        match base.state(store, &note(&base.block().header)) {
            Ok(state) => {
                self.report.push(Chapter::FromBase { height });
                Ok(Some(Arc::new(state)))
            }
            Err(error) if error.is_damage() => {
                self.bases.retain(|base| base.height() != height);
                base::set_aside(&self.disk, height)?;
                self.report.push(Chapter::DamagedBase { height });
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn new_history(&self, first: u64) -> Result<Arc<History>, OpenError> {
        self.set_aside(HISTORY)?;
        let medium = self.medium(HISTORY)?;
        Ok(Arc::new(History::open(
            medium,
            self.cache_bytes,
            self.chain_id,
            first,
        )?))
    }

    fn store(&self) -> Result<RedbStore, OpenError> {
        let store = RedbStore::open_backend(self.medium(STATE)?, self.cache_bytes);
        Ok(store.map_err(StateError::from)?)
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

fn read_all<D: Disk>(log: &TapeLog<D>, from: u64) -> Result<(), LogError> {
    match from < log.next() {
        true => log.read(from, |_, _| Ok(true)),
        false => Ok(()),
    }
}

fn has_blocks(history: &Arc<History>) -> bool {
    history.next() > history.first()
}

/// Whether the committee has certified the block of a base.
fn is_certified<F: playfair_storage::DiskFile>(base: &Base<F>, committee: &Committee) -> bool {
    let header = &base.block().header;
    let verifier = Verifier::new(committee, header.chain_id);
    let certificate = base.block().certificate.as_ref();
    certificate.is_some_and(|certificate| {
        certificate.payload == header.digest()
            && verifier.is_ok_and(|verifier| verifier.certificate(certificate).is_ok())
    })
}
