//! The page beside the web API.

use super::{Failure, Kind};
use crate::config::Config;
use axum::Router;
use playfair_page::{Page, no_page};

/// The page that a configuration says, read and held against its bundle.json.
///
/// # Errors
/// What the folder says instead.
pub fn page(config: &Config) -> Result<Option<Page>, Failure> {
    let Some(folder) = config.page_folder() else {
        return Ok(None);
    };
    let page = Page::load(&folder).map_err(|error| {
        Failure::new(
            Kind::Config,
            format!("the page (api.page) cannot be served: {error}"),
        )
    })?;
    let digest = page.digest().unwrap_or("not known, it has no bundle.json");
    tracing::info!(folder = %folder.display(), files = page.files(), digest, "the page");
    Ok(Some(page))
}

/// Its routes, or what is said where there is none.
pub(super) fn routes(page: Option<Page>) -> Router {
    page.map_or_else(no_page, Page::routes)
}
