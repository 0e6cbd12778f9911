//! The signal to stop, shared by everyone who has to hear it.

use std::sync::Arc;

use tokio::sync::watch;

/// A signal that is given once. Clones are the same signal.
///
/// The server puts it into every request as an extension: a handler that holds a WebSocket open waits for it beside
/// its socket, and closes when it comes.
#[derive(Clone, Debug)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Shutdown {
    /// A signal not given yet.
    pub fn new() -> Shutdown {
        Shutdown(Arc::new(watch::channel(false).0))
    }

    /// Gives the signal. Again is the same as once.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether it has been given.
    pub fn is_stopping(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for it; at once if it has been given.
    pub fn wait(&self) -> impl Future<Output = ()> + Send + 'static {
        let (held, mut signal) = (self.clone(), self.0.subscribe());
        async move {
            // The sender lives as long as `held`, so this ends with the signal alone.
            let _ = signal.wait_for(|given| *given).await;
            drop(held);
        }
    }
}

impl Default for Shutdown {
    fn default() -> Shutdown {
        Shutdown::new()
    }
}
