//! The thread that lets a chain's past go beside its blocks: it writes a base, prunes the history, and ends. There is one at a
//! time, made when there is something to do, and it is joined before the chain is opened again.

use crate::flusher::text;
use playfair_machine::error::Fault;
use playfair_sequencer::{Halt, Upkeep};
use playfair_storage::Folder;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// What came of it: the height of the base that was written, if one was.
type Kept = Result<Option<u64>, Halt>;

/// Who lets the past go.
#[derive(Default)]
pub(crate) struct Keeper {
    thread: Option<JoinHandle<Kept>>,
    /// It is done, and about to end.
    done: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

impl Keeper {
    pub(crate) fn is_idle(&self) -> bool {
        self.thread.is_none()
    }

    /// Begins; `tell` is called at the end.
    pub(crate) fn start(
        &mut self,
        name: &str,
        work: Upkeep<Folder>,
        tell: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<()> {
        let (stop, done) = (Arc::clone(&self.stop), Arc::clone(&self.done));
        done.store(false, Ordering::Relaxed);
        let run = move || {
            let goes_on = || !stop.load(Ordering::Relaxed);
            let kept = catch_unwind(AssertUnwindSafe(|| work.write(&goes_on)));
            done.store(true, Ordering::Release);
            tell();
            kept.unwrap_or_else(|panic| Err(Halt::Fault(Fault::Storage(format!("a bug: {}", text(&*panic))))))
        };
        let thread = std::thread::Builder::new().name(format!("keep {name}"));
        self.thread = Some(thread.spawn(run)?);
        Ok(())
    }

    /// What came of it, once it has ended.
    pub(crate) fn ended(&mut self) -> Option<Kept> {
        // Who was told finds it so, though the thread may take a moment more to end.
        let thread = self.thread.take_if(|_| self.done.load(Ordering::Acquire))?;
        let gone = || {
            Err(Halt::Fault(Fault::Storage(
                "the thread that writes bases is gone".to_owned(),
            )))
        };
        Some(thread.join().unwrap_or_else(|_| gone()))
    }
}

impl Drop for Keeper {
    /// Also when the chain's thread panics: nobody may write behind who opens the chain again.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
