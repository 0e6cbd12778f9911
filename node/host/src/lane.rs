//! What a chain's thread is asked beside its calls: by its operator, and by whoever proves it.
//!
//! Calls come over a channel that is bounded and may be full for as long as anybody likes to fill it. What is asked here lies
//! beside it and is looked at before each call, so an overloaded chain can be paused at once, and asking never
//! keeps anybody waiting: the channel is only knocked at, and when it is full the thread is awake anyway.

use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;

/// Of each kind, how many may be asked before the thread has looked.
const ASKED_MAX: usize = 1_024;

/// All that was asked and not looked at.
#[derive(Default)]
pub(crate) struct Asked {
    /// The operator wants something else of the chain; the record says what. Told when it is so.
    pub(crate) changed: Vec<oneshot::Sender<()>>,
    /// Write history and state now. Told when it is done, and whether it worked.
    pub(crate) checkpoints: Vec<oneshot::Sender<Result<(), String>>>,
    /// More is proven.
    pub(crate) proven: bool,
    /// The proofs cannot be read or written any more: whether they are damaged, and why.
    pub(crate) proofs_failed: Option<(bool, String)>,
    /// Close the chain and open it again: its settings are others.
    pub(crate) reopen: bool,
    /// Stop, in good order.
    pub(crate) stop: bool,
}

impl Asked {
    fn is_too_much(&self) -> bool {
        self.changed.len() > ASKED_MAX || self.checkpoints.len() > ASKED_MAX
    }
}

/// Where it is left for the thread.
pub(crate) struct Lane(Mutex<Option<Asked>>);

/// Why nothing can be asked.
pub(crate) const GONE: &str = "the chain's thread has ended: the node is stopping";
const FULL: &str = "too much is asked of the chain already: wait until some of it is done";

impl Lane {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Some(Asked::default())))
    }

    /// Leaves something; the thread must be knocked at after it.
    pub(crate) fn ask(&self, ask: impl FnOnce(&mut Asked)) -> Result<(), &'static str> {
        let mut lane = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = lane.as_mut().ok_or(GONE)?;
        ask(asked);
        if asked.is_too_much() {
            asked.changed.truncate(ASKED_MAX);
            asked.checkpoints.truncate(ASKED_MAX);
            return Err(FULL);
        }
        Ok(())
    }

    /// Takes what was left.
    pub(crate) fn take(&self) -> Asked {
        let mut lane = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lane.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Nobody looks any more: who waits learns of it by its sender's end.
    pub(crate) fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_bounded_and_the_end_is_told() {
        let lane = Lane::new();
        let mut told = Vec::new();
        let mut ask = || {
            let (done, waiting) = oneshot::channel();
            told.push(waiting);
            lane.ask(|asked| asked.changed.push(done))
        };
        for _ in 0..ASKED_MAX {
            ask().unwrap();
        }
        assert_eq!(ask(), Err(FULL));
        assert!(
            told.pop().unwrap().try_recv().is_err(),
            "the one too many is not kept"
        );
        lane.ask(|asked| asked.stop = true).unwrap();
        let asked = lane.take();
        assert!(asked.stop && asked.changed.len() == ASKED_MAX);
        assert!(!lane.take().stop, "it is looked at once");
        lane.close();
        assert_eq!(lane.ask(|asked| asked.stop = true), Err(GONE));
    }
}
