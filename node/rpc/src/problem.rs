//! How what went wrong is told.

use http::StatusCode;
use playfair_host::chain::ReadError;
use playfair_host::{Chain, HostError, Rejection, Status};
use playfair_http::Problem;
use playfair_mempool::Refused;
use playfair_sequencer::Refusal;
use playfair_storage::history::HistoryError;
use utoipa::ToSchema;
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, ResponseBuilder};

/// What every error looks like.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it describes what `playfair_http::Problem` writes")]
pub(crate) struct Failure {
    error: What,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "as above")]
struct What {
    /// What happened, for programs: it never changes its meaning.
    code: String,
    /// What happened and what to do about it, for people.
    message: String,
    /// After how many milliseconds the same request may be sent again; none where waiting does not help.
    retry_after_ms: Option<u64>,
}

/// Every operation may be answered with an error that its own list does not name: of the guard in front, of what a request's parts
/// are read by, or of a chain that is not open.
pub(crate) fn describe(document: &mut OpenApi) {
    let response = ResponseBuilder::new()
        .description(
            "any other error: 4xx for what is asked, 503 when the node or the chain cannot answer now",
        )
        .content(
            "application/json",
            Content::new(Some(Ref::from_schema_name("Failure"))),
        )
        .build();
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            let responses = &mut operation.responses.responses;
            responses
                .entry("default".to_owned())
                .or_insert(RefOr::T(response.clone()));
        }
    }
}

/// How long to wait when nobody knows better, ms.
const RETRY_MS: u64 = 1_000;

pub(crate) fn host(error: &HostError) -> Problem {
    match error {
        HostError::UnknownChain(_) => Problem::new(StatusCode::NOT_FOUND, "unknown_chain", error.to_string()),
        HostError::UnknownModule(_) => {
            Problem::new(StatusCode::NOT_FOUND, "unknown_module", error.to_string())
        }
        _ => {
            tracing::error!(%error, "a request failed");
            Problem::internal()
        }
    }
}

/// A chain that cannot be read now.
pub(crate) fn closed(chain: &Chain) -> Problem {
    match chain.status() {
        Status::Archived => Problem::new(
            StatusCode::GONE,
            "archived",
            "the chain is archived: its operator can resume it",
        ),
        Status::Halted { reason, .. } => unavailable(format!("the chain is halted: {reason}"), None),
        status => unavailable(format!("the chain is {}", status.name()), Some(RETRY_MS)),
    }
}

fn unavailable(message: String, retry_after_ms: Option<u64>) -> Problem {
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message);
    match retry_after_ms {
        Some(wait_ms) => problem.retry_after_ms(wait_ms),
        None => problem,
    }
}

pub(crate) fn history(error: &HistoryError) -> Problem {
    tracing::error!(%error, "the history cannot be read");
    Problem::internal()
}

pub(crate) fn read(error: &ReadError) -> Problem {
    use playfair_state::StateError;
    match error {
        ReadError::Height { .. } => Problem::new(StatusCode::GONE, "not_retained", error.to_string()),
        ReadError::State(StateError::ProofKeys { .. } | StateError::ProofTooLong) => {
            Problem::bad_request(error.to_string())
        }
        _ => {
            tracing::error!(%error, "the state cannot be read");
            Problem::internal()
        }
    }
}

/// Why a call is in no block. 400: it is none. 422: it would be invalid. 409: another call stands in its way. 429: its
/// account sends too much. 503: the chain has too much to do, or takes no calls.
pub(crate) fn rejection(rejection: &Rejection) -> Problem {
    let message = rejection.to_string();
    match rejection {
        Rejection::Refused(refusal) => {
            let status = match refusal {
                Refusal::Malformed(_) | Refusal::NotACall => StatusCode::BAD_REQUEST,
                Refusal::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
                Refusal::Pool(
                    Refused::Quota { .. } | Refused::AccountCalls { .. } | Refused::AccountBytes { .. },
                ) => StatusCode::TOO_MANY_REQUESTS,
                refusal if refusal.is_load() => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::CONFLICT,
            };
            let problem = Problem::new(status, refusal.name(), message);
            match refusal.retry_after_ms() {
                Some(wait_ms) => problem.retry_after_ms(wait_ms),
                None if refusal.is_load() => problem.retry_after_ms(RETRY_MS),
                None => problem,
            }
        }
        Rejection::Unavailable { retry_after_ms, .. } => unavailable(message, *retry_after_ms),
        Rejection::Overloaded => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message).retry_after_ms(RETRY_MS)
        }
    }
}
