//! The thread that writes a chain's checkpoints behind its blocks. It ends before the chain is opened again.

use playfair_machine::error::Fault;
use playfair_sequencer::{Checkpoint, Halt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;

/// The thread that writes checkpoints, one at a time.
pub(crate) struct Flusher {
    work: Option<SyncSender<Checkpoint>>,
    done: Receiver<Result<(), Halt>>,
    busy: bool,
    thread: Option<JoinHandle<()>>,
}

impl Flusher {
    pub(crate) fn start(name: &str) -> std::io::Result<Self> {
        let (work, jobs) = sync_channel::<Checkpoint>(1);
        let (results, done) = sync_channel(1);
        let write = move || {
            for checkpoint in jobs {
                let result = catch_unwind(AssertUnwindSafe(|| checkpoint.write()));
                let result = result.unwrap_or_else(|panic| {
                    Err(Halt::Fault(Fault::Storage(format!("a bug: {}", text(&*panic)))))
                });
                if results.send(result).is_err() {
                    break;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name(format!("flush {name}"))
            .spawn(write)?;
        Ok(Self {
            work: Some(work),
            done,
            busy: false,
            thread: Some(thread),
        })
    }

    /// Whether the last checkpoint has been written; its error, once.
    pub(crate) fn is_idle(&mut self) -> Result<bool, Halt> {
        if !self.busy {
            return Ok(true);
        }
        match self.done.try_recv() {
            Ok(result) => {
                self.busy = false;
                result.map(|()| true)
            }
            Err(TryRecvError::Empty) => Ok(false),
            Err(TryRecvError::Disconnected) => Err(gone()),
        }
    }

    pub(crate) fn write(&mut self, checkpoint: Checkpoint) -> Result<(), Halt> {
        let work = self.work.as_ref().ok_or_else(gone)?;
        work.send(checkpoint).map_err(|_| gone())?;
        self.busy = true;
        Ok(())
    }

    /// Waits until nothing is being written.
    pub(crate) fn wait(&mut self) -> Result<(), Halt> {
        if !self.busy {
            return Ok(());
        }
        self.busy = false;
        self.done.recv().map_err(|_| gone())?
    }

    pub(crate) fn end(mut self) {
        let _ = self.wait();
        self.join();
    }

    fn join(&mut self) {
        self.work = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Flusher {
    /// Also when the chain's thread panics: nobody may write behind who opens the chain again.
    fn drop(&mut self) {
        self.join();
    }
}

fn gone() -> Halt {
    Halt::Fault(Fault::Storage(
        "the thread that writes checkpoints is gone".to_owned(),
    ))
}

/// What a panic says.
pub(crate) fn text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").to_owned()
}
