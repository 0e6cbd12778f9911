//! The page's files, loaded once and served as browsers want them.
//!
//! ```text
//! a folder ── read, bounded ── held against its bundle.json ── Page ── routes: `/` and what index.html names
//! ```
//!
//! **Everything is in memory** before the first visitor comes: no request touches the disk, and what lies in the folder later changes nothing.
//! So a path is a key of a table, and there is no path from which a file elsewhere could be had.
//!
//! **Names are plain and files are files**: a link, a device, a name with anything but letters, digits, `.`, `-` and `_`, or a folder too large is an
//! error that names it, at the start.
//!
//! **What may be kept**: files in folders whose name begins with `assets-`, which has the bundle's digest in it, for ever; `index.html`, which names
//! that folder, and everything else only after asking again. `FILE.br` and `FILE.gz` are FILE in other encodings.
//!
//! **Who serves a page controls it** (docs/THREATS.md). The headers here keep others out: no script, style, image or connection but this
//! server's own, no frame around the page, none of the device's powers. The routes want a guard in front (`playfair-http`).
//!
//! This crate knows nothing of chains.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod accept;
mod bundle;
mod error;
mod folder;
mod kind;
mod serve;

pub use error::PageError;
pub use folder::FILES_MAX;
pub use serve::no_page;

use axum::Router;
use serve::Served;
use std::path::Path;

/// A page that can be served.
#[derive(Debug)]
pub struct Page {
    files: Vec<(String, Served)>,
    digest: Option<String>,
}

impl Page {
    /// Reads a folder that has an index.html. If it has a bundle.json, every file must be what that says.
    ///
    /// # Errors
    /// [`PageError`] for the first thing that is not as it should be.
    pub fn load(folder: &Path) -> Result<Self, PageError> {
        let mut files = folder::read(folder)?;
        let digest = bundle::check(&files)?;
        let mut served = Vec::new();
        for path in files.keys().cloned().collect::<Vec<_>>() {
            if folder::encoded(&path).is_some() {
                continue;
            }
            let mut part = |path: &str| files.remove(path);
            let (brotli, gzip) = (part(&format!("{path}.br")), part(&format!("{path}.gz")));
            let plain = part(&path).unwrap_or_default();
            served.push((path.clone(), Served::new(&path, plain, brotli, gzip)));
        }
        match files.into_keys().next() {
            Some(alone) => Err(PageError::Alone(alone)),
            None => Ok(Self {
                files: served,
                digest,
            }),
        }
    }

    /// What its bundle.json says of all of it, and what it was held against; none without one.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// How many files it has.
    #[must_use]
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// Its routes.
    pub fn routes(self) -> Router {
        serve::routes(self.files)
    }
}
