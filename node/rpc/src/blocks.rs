//! What was ordered.

use crate::chains::blocking;
use crate::evidence::{BlockEvidence, Ended};
use crate::hex::Hex;
use crate::{Api, problem, tolls};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use playfair_host::Readers;
use playfair_http::{Problem, Toll};
use playfair_storage::{Done, Sealed};
use playfair_types::Encode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Blocks in one answer.
const COUNT_MAX: u64 = 256;

/// Which blocks.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Range {
    /// The first height; without it, the last blocks are given.
    from: Option<u64>,
    /// How many, at most 256. Default 20.
    count: Option<u64>,
}

/// Headers and certificates of blocks, in ascending order.
#[utoipa::path(get, path = "/chains/{chain}/blocks", tag = "blocks",
    params(("chain" = String, Path, description = "id or name"), Range),
    responses((status = 200, body = Vec<BlockEvidence>), (status = 404, description = "no such chain"),
              (status = 410, description = "the first of them is not kept any more"),
              (status = 429, description = "this address asks too much")))]
pub(crate) async fn list(
    State(api): State<Api>,
    Path(chain): Path<String>,
    Query(range): Query<Range>,
    toll: Toll,
) -> Result<Json<Vec<BlockEvidence>>, Problem> {
    let (_, readers) = api.open(&chain)?;
    let count = range.count.unwrap_or(20).min(COUNT_MAX);
    toll.charge(tolls::blocks(count))?;
    let next = readers.history.next();
    let first = readers.history.first();
    let from = match range.from {
        Some(from) if from < first => {
            let message = format!("block {from} is not kept any more: the first one here is {first}");
            return Err(Problem::new(StatusCode::GONE, "pruned", message));
        }
        Some(from) => from,
        None => next.saturating_sub(count).max(first),
    };
    let until = from.saturating_add(count).min(next);
    let blocks = blocking(move || {
        (from..until)
            .map(|height| Ok(BlockEvidence::of(&*block(&readers, height)?)))
            .collect()
    });
    Ok(Json(blocks.await?))
}

/// A block with everything in it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Whole {
    #[serde(flatten)]
    evidence: BlockEvidence,
    /// Block time, ms since 1970.
    time_ms: u64,
    /// The root of the state after it.
    state_root: Hex,
    /// Its records, in order; the first is the block's own.
    records: Vec<RecordShown>,
}

/// A record and what it did.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordShown {
    /// The name of a signed call.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Hex>,
    record: Hex,
    receipt: Hex,
    receipt_body: Hex,
    #[serde(flatten)]
    ended: Ended,
}

impl RecordShown {
    pub(crate) fn of(done: &Done) -> Self {
        Self {
            id: done.id.map(Hex::of),
            record: Hex::of(&done.record),
            receipt: Hex(done.receipt.encode()),
            receipt_body: Hex(done.body.encode()),
            ended: Ended::of(done),
        }
    }
}

/// A block with its records and receipts.
#[utoipa::path(get, path = "/chains/{chain}/blocks/{height}", tag = "blocks",
    params(("chain" = String, Path, description = "id or name"), ("height" = u64, Path, description = "the block's height")),
    responses((status = 200, body = Whole), (status = 404, description = "no such chain or block")))]
pub(crate) async fn show(
    State(api): State<Api>,
    Path((chain, height)): Path<(String, u64)>,
) -> Result<Json<Whole>, Problem> {
    let (_, readers) = api.open(&chain)?;
    let whole = blocking(move || {
        let block = block(&readers, height)?;
        let records = block.records.iter().map(RecordShown::of);
        Ok(Whole {
            evidence: BlockEvidence::of(&block),
            time_ms: block.header.after.time_ms.get(),
            state_root: crate::evidence::element(&block.header.after.state_root),
            records: records.collect(),
        })
    });
    Ok(Json(whole.await?))
}

/// The bytes of a block's records, one after the other: its part of the tape.
#[utoipa::path(get, path = "/chains/{chain}/blocks/{height}/tape", tag = "blocks",
    params(("chain" = String, Path, description = "id or name"), ("height" = u64, Path, description = "the block's height")),
    responses((status = 200, description = "the records", body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 404, description = "no such chain or block")))]
pub(crate) async fn tape(
    State(api): State<Api>,
    Path((chain, height)): Path<(String, u64)>,
) -> Result<Response, Problem> {
    let (_, readers) = api.open(&chain)?;
    let tape = blocking(move || Ok(block(&readers, height)?.tape())).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], tape).into_response())
}

/// The block of a height.
pub(crate) fn block(readers: &Readers, height: u64) -> Result<Arc<Sealed>, Problem> {
    let found = readers
        .history
        .block(height)
        .map_err(|error| problem::history(&error))?;
    found.ok_or_else(|| {
        let (first, next) = (readers.history.first(), readers.history.next());
        let message = format!(
            "there is no block {height} here: there are {first} to {}",
            next.saturating_sub(1)
        );
        Problem::new(StatusCode::NOT_FOUND, "unknown_block", message)
    })
}
