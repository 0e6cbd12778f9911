//! The safety net: a thread that advances the engine's epoch, so that a run which gas should have ended is ended some
//! seconds later. It is never meant to catch anything.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

const TICK: Duration = Duration::from_millis(500);
/// Ticks that a run may take: ten seconds, where the dearest known call takes some fifty milliseconds.
pub(super) const DEADLINE_TICKS: u64 = 20;

pub(super) struct Net {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Net {
    pub(super) fn new(engine: &wasmtime::Engine) -> Self {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let (engine, shared) = (engine.clone(), Arc::clone(&stop));
        let tick = move || {
            let (stopped, wake) = &*shared;
            let mut stopped = stopped.lock().unwrap_or_else(PoisonError::into_inner);
            while !*stopped {
                let wait = wake.wait_timeout(stopped, TICK);
                let (guard, timeout) = wait.unwrap_or_else(PoisonError::into_inner);
                stopped = guard;
                if timeout.timed_out() {
                    engine.increment_epoch();
                }
            }
        };
        // Without the thread the net is missing, not the ground: gas still ends every run.
        let thread = std::thread::Builder::new().name("epoch".into()).spawn(tick).ok();
        Self { stop, thread }
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        let (stopped, wake) = &*self.stop;
        *stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        wake.notify_all();
        if let Some(thread) = self.thread.take() {
            // It cannot panic; if it did, there is nothing to save.
            let _ = thread.join();
        }
    }
}
