//! The light client's platform on a command line: sockets, the system's clocks, files.

use anyhow::{Context, Result};
use playfair_http::Client;
use playfair_light_client_core::{Body, Platform, Request, Response, Unreachable};
use std::fs;
use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Longest kept view that is read.
const KEPT_BYTES_MAX: u64 = 32 << 20;

/// This machine.
pub(super) struct Native {
    client: Client,
    keep: Option<PathBuf>,
    begin: Instant,
}

impl Native {
    pub(super) fn new(client: Client, keep: Option<PathBuf>) -> Result<Self> {
        if let Some(folder) = &keep {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Ok(Self {
            client,
            keep,
            begin: Instant::now(),
        })
    }

    /// A name is `view/` and digits.
    fn file(&self, name: &str) -> Option<PathBuf> {
        Some(self.keep.as_ref()?.join(name.replace('/', "-")))
    }
}

impl Platform for Native {
    async fn fetch(&self, request: Request<'_>) -> Result<Response, Unreachable> {
        let answer = match request.body {
            None => self.client.get(request.path).await,
            Some(Body::Json(text)) => {
                self.client
                    .post(request.path, "application/json", text.to_owned())
                    .await
            }
            Some(Body::Bytes(bytes)) => {
                let kind = "application/octet-stream";
                self.client.post(request.path, kind, bytes.to_vec()).await
            }
        };
        let answer = answer.map_err(|error| Unreachable(error.to_string()))?;
        if answer.body.len() > request.bytes_max {
            return Err(Unreachable(format!("more than {} bytes came", request.bytes_max)));
        }
        Ok(Response {
            status: answer.status.as_u16(),
            body: answer.body.to_vec(),
        })
    }

    fn now_ms(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    async fn load(&self, name: &str) -> Option<Vec<u8>> {
        let file = self.file(name)?;
        let size = fs::metadata(&file).ok()?.len();
        if size > KEPT_BYTES_MAX {
            return None;
        }
        fs::read(file).ok()
    }

    async fn store(&self, name: &str, bytes: &[u8]) {
        let Some(file) = self.file(name) else { return };
        if let Err(error) = crate::build::write(&file, bytes) {
            tracing::warn!(%error, "what was verified is not kept: the next start verifies it again");
        }
    }
}
