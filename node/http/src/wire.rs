//! One connection's bytes, with what ends it: a client that does not read, and the end of the server.
//!
//! A [`Wire`] lies under HTTP and, after an upgrade, under the WebSocket: so a WebSocket keeps its connection's place,
//! is cut when the server ends, and when its client does not take what it is sent.
//!
//! [`Activity`] is what HTTP on this wire is doing: waiting for a request, in a request's head, or answering. Time is
//! limited in the first two; while answering, the wire limits stalls and the router the rest. Phases change only
//! while the connection is polled, so whoever polls it reads the deadline right after.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, Sleep};

use crate::listener::BoxIo;
use crate::slots::{Counters, Slot, count};

/// What HTTP is doing on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing has come yet.
    Fresh,
    /// A request has come in part.
    Head,
    /// A request is answered.
    Busy,
    /// An answer is out and no other request has come.
    Idle,
}

/// The phase and since when.
#[derive(Debug)]
pub(crate) struct Activity(Mutex<(Phase, Instant)>);

impl Activity {
    pub(crate) fn new() -> Activity {
        Activity(Mutex::new((Phase::Fresh, Instant::now())))
    }

    fn with<T>(&self, change: impl FnOnce(&mut (Phase, Instant)) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn phase(&self) -> Phase {
        self.with(|state| state.0)
    }

    /// A request's head is whole.
    pub(crate) fn begin(&self) {
        self.with(|state| *state = (Phase::Busy, Instant::now()));
    }

    /// Its answer is made.
    fn end(&self) {
        self.with(|state| *state = (Phase::Idle, Instant::now()));
    }

    fn bytes_in(&self) {
        self.with(|state| match state.0 {
            // The time for the first head counts from the start.
            Phase::Fresh => state.0 = Phase::Head,
            Phase::Idle => *state = (Phase::Head, Instant::now()),
            Phase::Head | Phase::Busy => {}
        });
    }

    fn bytes_out(&self) {
        self.with(|state| {
            if state.0 == Phase::Idle {
                state.1 = Instant::now();
            }
        });
    }

    /// When the present phase has taken too long.
    pub(crate) fn deadline(&self, head: Duration, idle: Duration) -> Option<Instant> {
        self.with(|state| match state.0 {
            Phase::Fresh | Phase::Head => Some(state.1 + head),
            Phase::Idle => Some(state.1 + idle),
            Phase::Busy => None,
        })
    }
}

/// An answer's body, which ends the phase when it is out.
pub(crate) struct Answer<B> {
    body: Pin<Box<B>>,
    activity: Arc<Activity>,
}

impl<B> Answer<B> {
    pub(crate) fn new(body: B, activity: Arc<Activity>) -> Answer<B> {
        let body = Box::pin(body);
        Answer { body, activity }
    }
}

impl<B: Body> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.body.as_mut().poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for Answer<B> {
    fn drop(&mut self) {
        self.activity.end();
    }
}

/// A connection's bytes, its place among the others, and the ends of it.
pub(crate) struct Wire {
    io: BoxIo,
    activity: Arc<Activity>,
    /// Ready when the server ends; none when it was.
    cut: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    stall_max: Duration,
    /// Runs while a write waits for the client.
    stalled: Option<Pin<Box<Sleep>>>,
    counters: Counters,
    _slot: Slot,
    /// Tells the server that this one is still there.
    _alive: mpsc::Sender<()>,
}

impl Wire {
    pub(crate) fn new(
        io: BoxIo,
        activity: Arc<Activity>,
        mut cut: watch::Receiver<bool>,
        stall_max: Duration,
        counters: Counters,
        held: (Slot, mpsc::Sender<()>),
    ) -> Wire {
        Wire {
            io,
            activity,
            // An error means that the server is gone, which is the same.
            cut: Some(Box::pin(async move {
                let _ = cut.wait_for(|cut| *cut).await;
            })),
            stall_max,
            stalled: None,
            counters,
            _slot: held.0,
            _alive: held.1,
        }
    }

    fn fail_if_cut(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if let Some(cut) = &mut self.cut {
            if cut.as_mut().poll(cx).is_pending() {
                return Ok(());
            }
            self.cut = None;
        }
        Err(io::Error::new(
            io::ErrorKind::ConnectionAborted,
            "the server has ended",
        ))
    }

    /// Runs something that writes, for as long as the client takes what is written.
    fn write<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut BoxIo>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        self.fail_if_cut(cx)?;
        match write(Pin::new(&mut self.io), cx) {
            Poll::Ready(done) => {
                self.stalled = None;
                Poll::Ready(done)
            }
            Poll::Pending => {
                let stall_max = self.stall_max;
                let stalled = self
                    .stalled
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep(stall_max)));
                ready!(stalled.as_mut().poll(cx));
                count(&self.counters.cells().cut_stalled);
                Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the client does not take what it is sent",
                )))
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.fail_if_cut(cx)?;
        let before = buf.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.activity.bytes_in();
        }
        read
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.write(cx, |io, cx| io.poll_write(cx, buf));
        if written.is_ready() {
            self.activity.bytes_out();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(cx, |io, cx| io.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(cx, |io, cx| io.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.write(cx, |io, cx| io.poll_write_vectored(cx, bufs));
        if written.is_ready() {
            self.activity.bytes_out();
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
