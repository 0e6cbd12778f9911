//! A chain in one file, for its operator to keep.

use super::{Admin, told};
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream;
use http::header;
use playfair_host::HostError;
use playfair_http::Problem;
use serde::Deserialize;
use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use tokio::sync::mpsc::{Sender, channel};

/// Pieces that wait for the reader.
const PIECES: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Options {
    /// Whether the committee's key is in it.
    #[serde(default)]
    with_key: bool,
}

type Piece = Result<Bytes, HostError>;

/// Where a snapshot is written to.
struct Pieces(Sender<Piece>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Ok(Bytes::copy_from_slice(bytes));
        let sent = self.0.blocking_send(piece);
        sent.map_err(|_| io::Error::new(ErrorKind::BrokenPipe, "nobody reads it any more"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The chain as it is now, in one file from which another node can go on with it. It ends with a mark of its end: an answer that breaks
/// off is none.
#[utoipa::path(get, path = "/chains/{chain}/snapshot", tag = "chains",
    params(("chain" = String, Path, description = "id or name"),
           ("with_key" = Option<bool>, Query, description = "whether the committee's key is in it")),
    responses((status = 200, description = "the snapshot", content_type = "application/octet-stream", body = [u8]),
              (status = 404, description = "no such chain"),
              (status = 503, description = "the chain is not open, or has no block yet")))]
pub(crate) async fn snapshot(
    State(admin): State<Admin>,
    Path(chain): Path<String>,
    Query(options): Query<Options>,
) -> Result<Response, Problem> {
    let chain = admin.chain(&chain)?;
    let host = Arc::clone(&admin.host);
    let (sender, mut pieces) = channel::<Piece>(PIECES);
    tokio::task::spawn_blocking(move || {
        let written = host.snapshot(&chain, options.with_key, Pieces(sender.clone()));
        if let Err(error) = written {
            tracing::warn!(chain = %chain.record().name, %error, "no snapshot");
            let _ = sender.blocking_send(Err(error));
        }
    });
    // What is wrong from the beginning is said in words.
    let first = match pieces.recv().await {
        Some(Ok(first)) => first,
        Some(Err(error)) => return Err(told(&error)),
        None => return Err(Problem::internal()),
    };
    let rest = stream::unfold(pieces, |mut pieces| async {
        let piece = pieces.recv().await?;
        Some((piece, pieces))
    });
    let body = Body::from_stream(stream::iter([Ok(first)]).chain(rest));
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((kind, body).into_response())
}
