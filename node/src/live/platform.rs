//! The light client's platform on a command line: sockets, the system's clocks, files.

use anyhow::{Context, Result};
use playfair_http::{Answer, Client};
use playfair_light_client_core::{Body, Platform, Request, Response, Unreachable};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Longest kept view that is read.
const KEPT_BYTES_MAX: u64 = 32 << 20;

/// How often a node is asked again that is busy, and how long it is waited for.
const TRIES: u32 = 10;
const WAIT_MS_MAX: u64 = 5_000;

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

impl Native {
    async fn ask(&self, request: &Request<'_>) -> Result<Answer, Unreachable> {
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
        answer.map_err(|error| Unreachable(error.to_string()))
    }
}

impl Platform for Native {
    async fn fetch(&self, request: Request<'_>) -> Result<Response, Unreachable> {
        let mut answer = self.ask(&request).await?;
        for _ in 0..TRIES {
            // A node that has too much to do says for how long.
            let problem = match answer.status.as_u16() {
                429 | 503 => answer.clone().success().err(),
                _ => None,
            };
            let Some(wait_ms) = problem.and_then(|problem| problem.retry_after_ms) else {
                break;
            };
            tokio::time::sleep(Duration::from_millis(wait_ms.min(WAIT_MS_MAX))).await;
            answer = self.ask(&request).await?;
        }
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
