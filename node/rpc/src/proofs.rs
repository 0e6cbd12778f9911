//! Proofs: which there are, their bytes, and the keys that they verify under.
//!
//! A proof's name is the frame of the tape at which its segment begins. Only the proven history is told of: proofs that follow each other
//! from genesis without a gap. A chain without proofs has an empty list, and nothing stands in for one.

use crate::chains::blocking;
use crate::evidence::element;
use crate::hex::{self, Hex};
use crate::{Api, octets};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use playfair_host::Readers;
use playfair_http::Problem;
use playfair_storage::Done;
use playfair_storage::proofs::{Listed, Tip};
use playfair_types::Encode;
use playfair_types::crypto::field::fr_from_bytes;
use playfair_types::tape::frame::FRAME_BYTES;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Proofs in one list.
const COUNT_MAX: u32 = 256;

/// How far a chain is proven.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProvenHistory {
    /// How many proofs there are.
    proofs: u64,
    /// Frames of the tape that they are about.
    frames: u64,
    /// The height of the last record that is proven; its block may go on.
    height: Option<u64>,
    /// Work of everything proven (FORMATS.md section 11).
    work: u64,
}

impl ProvenHistory {
    pub(crate) fn of(tip: &Tip) -> Self {
        Self {
            proofs: tip.proofs,
            frames: tip.frames(),
            height: tip.boundary.map(|boundary| boundary.height),
            work: tip.work,
        }
    }
}

/// A proof.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProofShown {
    /// The first frame that it is about: its name.
    first_frame: u64,
    /// The first frame that it is not about.
    end_frame: u64,
    /// The height of its first record.
    first_height: u64,
    /// The height of its last record.
    last_height: u64,
    /// The digest of the key that it verifies under.
    vk: Hex,
    /// Work of its records.
    work: u64,
    /// Bytes of its envelope.
    bytes: usize,
}

impl ProofShown {
    pub(crate) fn of(listed: &Listed) -> Self {
        Self {
            first_frame: listed.first_frame,
            end_frame: listed.end_frame,
            first_height: listed.first_height,
            last_height: listed.last_height,
            vk: element(&listed.vk),
            work: listed.work,
            bytes: listed.bytes,
        }
    }
}

/// The proof of the proven history that is about a frame; none if there is none yet.
pub(crate) fn about(readers: &Readers, frame: u64) -> Result<Option<(ProofShown, u64)>, Problem> {
    let listed = readers.proofs.about(frame).map_err(|error| failed(&error))?;
    Ok(listed.map(|listed| (ProofShown::of(&listed), listed.end_frame)))
}

fn failed(error: &playfair_storage::proofs::ProofsError) -> Problem {
    tracing::error!(%error, "proofs cannot be read");
    Problem::internal()
}

/// Which proofs.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Those that begin at this frame of the tape or later. Default 0.
    from: Option<u64>,
    /// The one that is about this frame, alone.
    about: Option<u64>,
    /// How many, at most 256. Default 20.
    count: Option<u32>,
}

/// Proofs.
#[derive(Serialize, ToSchema)]
pub(crate) struct Proofs {
    /// How far the chain is proven.
    proven: ProvenHistory,
    /// Some of the proofs, in the order of the tape.
    proofs: Vec<ProofShown>,
}

/// How far the chain is proven, and by which proofs.
#[utoipa::path(get, path = "/chains/{chain}/proofs", tag = "proofs",
    params(("chain" = String, Path, description = "id or name"), Which),
    responses((status = 200, body = Proofs), (status = 404, description = "no such chain")))]
pub(crate) async fn list(
    State(api): State<Api>,
    Path(chain): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<Proofs>, Problem> {
    let (_, readers) = api.open(&chain)?;
    let listed = blocking(move || {
        let proofs = &readers.proofs;
        // First the tip: what is listed then is there.
        let proven = ProvenHistory::of(&proofs.tip());
        let found = match which.about {
            Some(frame) => proofs.about(frame).map(|found| found.into_iter().collect()),
            None => {
                let count = which.count.unwrap_or(20).min(COUNT_MAX);
                proofs.list(which.from.unwrap_or(0), count as usize)
            }
        };
        let found: Vec<Listed> = found.map_err(|error| failed(&error))?;
        Ok(Proofs {
            proven,
            proofs: found.iter().map(ProofShown::of).collect(),
        })
    });
    Ok(Json(listed.await?))
}

/// A proof: its envelope (FORMATS.md section 15).
#[utoipa::path(get, path = "/chains/{chain}/proofs/{frame}", tag = "proofs",
    params(("chain" = String, Path, description = "id or name"), ("frame" = u64, Path, description = "the frame at which its segment begins")),
    responses((status = 200, description = "the envelope", body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 206, description = "the bytes that were asked for", body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 304, description = "the same as asked about"),
              (status = 404, description = "no such chain, or no proof begins there"),
              (status = 416, description = "there are no such bytes")))]
pub(crate) async fn show(
    State(api): State<Api>,
    Path((chain, frame)): Path<(String, u64)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (_, readers) = api.open(&chain)?;
    let found = blocking(move || readers.proofs.bytes(frame).map_err(|error| failed(&error))).await?;
    octets::answer(&headers, "application/octet-stream", found.ok_or_else(no_proof)?)
}

/// The receipts of a proof's records (FORMATS.md section 9), one after the other: with them, and the receipts' accumulators in the proof's
/// public inputs, anybody can tell what is proven of each record.
#[utoipa::path(get, path = "/chains/{chain}/proofs/{frame}/receipts", tag = "proofs",
    params(("chain" = String, Path, description = "id or name"), ("frame" = u64, Path, description = "the frame at which its segment begins")),
    responses((status = 200, description = "the receipts", body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 206, description = "the bytes that were asked for", body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 304, description = "the same as asked about"),
              (status = 404, description = "no such chain, or no proof begins there"),
              (status = 410, description = "its blocks are not kept any more"),
              (status = 416, description = "there are no such bytes")))]
pub(crate) async fn receipts(
    State(api): State<Api>,
    Path((chain, frame)): Path<(String, u64)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (_, readers) = api.open(&chain)?;
    let bytes = blocking(move || {
        let listed = readers.proofs.about(frame).map_err(|error| failed(&error))?;
        let listed = listed.filter(|listed| listed.first_frame == frame);
        receipts_of(&readers, &listed.ok_or_else(no_proof)?)
    });
    octets::answer(&headers, "application/octet-stream", bytes.await?)
}

fn receipts_of(readers: &Readers, listed: &Listed) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    // Where the records begin of which there are blocks: the height before a segment's first record is often that of a block that has
    // none of its records, and may be let go.
    let mut begin = None;
    let kept = readers.history.first();
    for height in listed.first_height.max(kept)..=listed.last_height {
        let block = crate::blocks::block(readers, height)?;
        let frames = |done: &Done| (done.record.len() / FRAME_BYTES) as u64;
        let all: u64 = block.records.iter().map(frames).sum();
        let mut end = block.header.after.tape.length.saturating_sub(all);
        begin = begin.or(Some(end));
        for done in &block.records {
            end = end.saturating_add(frames(done));
            if (listed.first_frame + 1..=listed.end_frame).contains(&end) {
                bytes.extend(done.receipt.encode());
            }
        }
    }
    match begin.is_some_and(|begin| begin <= listed.first_frame) {
        true => Ok(bytes),
        false => {
            let message =
                format!("the first of its blocks are not kept any more: the first one here is {kept}");
            Err(Problem::new(StatusCode::GONE, "pruned", message))
        }
    }
}

fn no_proof() -> Problem {
    let message =
        "no proof begins at this frame: the list of proofs says where they begin, and how far there are any";
    Problem::new(StatusCode::NOT_FOUND, "no_proof", message)
}

/// A set of verifying keys (FORMATS.md section 15), by its root, which a chain link or an upgrade names.
#[utoipa::path(get, path = "/chains/{chain}/key-sets/{root}", tag = "proofs",
    params(("chain" = String, Path, description = "id or name"), ("root" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, description = "the set", body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 206, description = "the bytes that were asked for", body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 304, description = "the same as asked about"),
              (status = 404, description = "no such chain, or no such set"),
              (status = 416, description = "there are no such bytes")))]
pub(crate) async fn key_set(
    State(api): State<Api>,
    Path((chain, root)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (_, readers) = api.open(&chain)?;
    let root: [u8; 32] = hex::array("a set's root", &root)?;
    let unknown = || {
        let message = "nobody has given this set of keys to the node: its operator can (`POST /admin/v1/chains/{chain}/key-sets`)";
        Problem::new(StatusCode::NOT_FOUND, "unknown_key_set", message)
    };
    let root = fr_from_bytes(&root).ok_or_else(unknown)?;
    let found = blocking(move || readers.proofs.key_set(root).map_err(|error| failed(&error))).await?;
    octets::answer(&headers, "application/octet-stream", found.ok_or_else(unknown)?)
}

/// A verifying key (FORMATS.md section 15), by its digest. Who does not trust the node computes the digest from the module
/// (`playfair module vk`).
#[utoipa::path(get, path = "/chains/{chain}/keys/{digest}", tag = "proofs",
    params(("chain" = String, Path, description = "id or name"), ("digest" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, description = "the key", body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 206, description = "the bytes that were asked for", body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 304, description = "the same as asked about"),
              (status = 404, description = "no such chain, or no such key"),
              (status = 416, description = "there are no such bytes")))]
pub(crate) async fn key(
    State(api): State<Api>,
    Path((chain, digest)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (_, readers) = api.open(&chain)?;
    let digest: [u8; 32] = hex::array("a key's digest", &digest)?;
    let unknown = || {
        Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_key",
            "no proof here verifies under this key",
        )
    };
    let digest = fr_from_bytes(&digest).ok_or_else(unknown)?;
    let found = blocking(move || readers.proofs.key(digest).map_err(|error| failed(&error))).await?;
    octets::answer(&headers, "application/octet-stream", found.ok_or_else(unknown)?)
}
