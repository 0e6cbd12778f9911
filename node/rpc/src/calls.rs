//! Submitting calls and following them.

use crate::chains::blocking;
use crate::evidence::{Ended, RecordEvidence};
use crate::hex::{self, Hex};
use crate::paths::PathsKept;
use crate::subscribe::rung;
use crate::{Api, problem};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use playfair_host::{Chain, Readers};
use playfair_http::Problem;
use playfair_storage::history::Place;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::tape::call_message;
use playfair_types::tape::frame::split;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// How long a submission waits for its call to be sealed before it says that it waits.
const WAIT: Duration = Duration::from_secs(20);

/// How to submit.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// `sealed` (the default) answers when the call is sealed or refused; `no` as soon as the chain has it.
    #[param(inline)]
    wait: Option<Wait>,
}

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Wait {
    #[default]
    Sealed,
    No,
}

/// Where a call stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct Standing {
    /// The call's name: its signed message.
    id: Hex,
    /// `waiting` or `sealed`.
    status: &'static str,
    /// The rung of the confirmation ladder that it has reached: `sequenced`, then `proven`; none while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    rung: Option<&'static str>,
    #[serde(skip)]
    reached: usize,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(flatten)]
    ended: Option<Ended>,
    /// The proof that is about it, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<u64>,
    /// What proves that it is in its block.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<RecordEvidence>,
}

impl Standing {
    pub(crate) fn waiting(id: [u8; 32]) -> Self {
        Self {
            id: Hex::of(id),
            status: "waiting",
            rung: None,
            reached: 0,
            ended: None,
            proof: None,
            evidence: None,
        }
    }

    /// The rung that it has reached, as a place in the ladder.
    pub(crate) fn rung(&self) -> usize {
        self.reached
    }

    /// The sealed call of this name, with where its record ends on the tape; none if there is none.
    pub(crate) fn find(
        id: [u8; 32],
        readers: &Readers,
        paths: &PathsKept,
    ) -> Result<Option<(Self, u64)>, Problem> {
        let place = readers.history.call(&id);
        let place = place.map_err(|error| problem::history(&error))?;
        place.map(|place| Self::sealed(readers, place, paths)).transpose()
    }

    /// With where the call's record ends on the tape.
    pub(crate) fn sealed(readers: &Readers, place: Place, paths: &PathsKept) -> Result<(Self, u64), Problem> {
        let block = readers
            .history
            .block(place.height)
            .map_err(|error| problem::history(&error))?;
        let gone = || {
            Problem::new(
                StatusCode::GONE,
                "pruned",
                "the call's block is not kept any more",
            )
        };
        let block = block.ok_or_else(gone)?;
        let done = block.records.get(place.index as usize).ok_or_else(gone)?;
        let end = rung::end_frame(&block, place.index);
        let rung = rung::rung_of(readers, end);
        let proof = match rung::is_last(rung) {
            true => readers.proofs.about(end.saturating_sub(1)).ok().flatten(),
            false => None,
        };
        let standing = Self {
            id: Hex::of(done.id.ok_or_else(gone)?),
            status: "sealed",
            rung: Some(rung::name(rung)),
            reached: rung,
            ended: Some(Ended::of(done)),
            proof: proof.map(|proof| proof.first_frame),
            evidence: RecordEvidence::of(&block, place.index, paths),
        };
        Ok((standing, end))
    }
}

/// Submits a signed call: its record's bytes (FORMATS.md section 5). The same call again is the same call.
#[utoipa::path(post, path = "/chains/{chain}/calls", tag = "calls",
    params(("chain" = String, Path, description = "id or name"), How),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "the call's record"),
    responses((status = 200, description = "sealed", body = Standing),
              (status = 202, description = "waiting", body = Standing),
              (status = 400, description = "no call"),
              (status = 404, description = "no such chain"),
              (status = 409, description = "another call stands in its way, or it had to leave"),
              (status = 422, description = "it would be invalid"),
              (status = 429, description = "its account or this address sends too much"),
              (status = 503, description = "the chain takes no calls now, or has too much to do")))]
pub(crate) async fn submit(
    State(api): State<Api>,
    Path(chain): Path<String>,
    Query(how): Query<How>,
    body: Bytes,
) -> Result<Response, Problem> {
    let chain = api.chain(&chain)?;
    if !split(&body).is_ok_and(|frames| !frames.is_empty()) {
        return Err(malformed());
    }
    let reply = chain
        .submit(body.to_vec())
        .map_err(|error| problem::rejection(&error))?;
    if let Wait::No = how.wait.unwrap_or_default() {
        return waiting(&chain, &body);
    }
    match tokio::time::timeout(WAIT, reply).await {
        Err(_) => waiting(&chain, &body),
        Ok(Err(_)) => Err(problem::closed(&chain)),
        Ok(Ok(Err(rejection))) => Err(problem::rejection(&rejection)),
        Ok(Ok(Ok(place))) => {
            let readers = chain.readers().ok_or_else(|| problem::closed(&chain))?;
            let (standing, _) = blocking(move || Standing::sealed(&readers, place, &api.paths)).await?;
            Ok(Json(standing).into_response())
        }
    }
}

/// The chain has the call. Its name is only computed here: of a sealed call the block tells it.
fn waiting(chain: &Chain, body: &[u8]) -> Result<Response, Problem> {
    let message = call_message(chain.id, body).map_err(|_| malformed())?;
    let standing = Standing::waiting(fr_to_bytes(&message));
    Ok((StatusCode::ACCEPTED, Json(standing)).into_response())
}

fn malformed() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed",
        "the body is no call's record: send its bytes, 124 or a multiple of it",
    )
}

/// Where a call stands. A call that waits is not known by its name: only its submitter can be told, and is.
#[utoipa::path(get, path = "/chains/{chain}/calls/{id}", tag = "calls",
    params(("chain" = String, Path, description = "id or name"), ("id" = String, Path, description = "the call's name")),
    responses((status = 200, body = Standing),
              (status = 404, description = "no such chain, or no sealed call of this name")))]
pub(crate) async fn show(
    State(api): State<Api>,
    Path((chain, id)): Path<(String, String)>,
) -> Result<Json<Standing>, Problem> {
    let (_, readers) = api.open(&chain)?;
    let id: [u8; 32] = hex::array("a call's name", &id)?;
    let standing = blocking(move || {
        let unknown = || {
            Problem::new(
                StatusCode::NOT_FOUND,
                "unknown_call",
                "no sealed call has this name",
            )
        };
        Standing::find(id, &readers, &api.paths)?.ok_or_else(unknown)
    });
    Ok(Json(standing.await?.0))
}
