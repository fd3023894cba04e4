//! `/assets/…`: the style sheet and the picture of the pages, in the binary. Their names hold a digest of their
//! contents, so that browsers may keep them for good.

use std::sync::Arc;

use barycenter_core::secret::Digest;
use poem::http::{StatusCode, header};
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::app::App;

const STYLE: &str = include_str!("../../assets/style.css");
const ICON: &str = include_str!("../../assets/icon.svg");

/// One file.
struct Asset {
    name: String,
    content_type: &'static str,
    etag: String,
    text: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, text: &'static str) -> Self {
        let digest: String = Digest::of(text).as_str().chars().take(12).collect();
        Self { name: format!("{stem}.{digest}.{extension}"), content_type, etag: format!("\"{digest}\""), text }
    }
}

/// All files.
pub struct Assets {
    style: Asset,
    icon: Asset,
}

impl Default for Assets {
    fn default() -> Self {
        Self::new()
    }
}

impl Assets {
    /// Names the files after their contents.
    #[must_use]
    pub fn new() -> Self {
        Self {
            style: Asset::new("style", "css", "text/css; charset=utf-8", STYLE),
            icon: Asset::new("icon", "svg", "image/svg+xml", ICON),
        }
    }

    /// Returns the style sheet's name below `/assets/`.
    #[must_use]
    pub fn style_name(&self) -> &str {
        &self.style.name
    }

    /// Answers with a file, or says that the browser has it.
    fn answer(&self, name: &str, if_none_match: Option<&str>) -> Response {
        // Pages name the picture without its digest: it is the same for all of them and may change.
        let asset = [&self.style, &self.icon]
            .into_iter()
            .find(|asset| asset.name == name || (name == "icon.svg" && asset.name == self.icon.name));
        let Some(asset) = asset else { return Response::builder().status(StatusCode::NOT_FOUND).finish() };
        let lasting = if asset.name == name { "public, max-age=31536000, immutable" } else { "public, max-age=86400" };
        let response = Response::builder()
            .header(header::CACHE_CONTROL, lasting)
            .header(header::ETAG, &asset.etag)
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        if if_none_match.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == asset.etag)) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        response.header(header::CONTENT_TYPE, asset.content_type).body(asset.text)
    }
}

/// `GET /assets/:name`.
#[handler]
pub(crate) fn serve(app: Data<&Arc<App>>, request: &Request, Path(name): Path<String>) -> Response {
    app.assets.answer(&name, request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_served_once_and_then_known() {
        let assets = Assets::new();
        let first = assets.answer(assets.style_name(), None);
        assert_eq!(first.status(), StatusCode::OK);
        let etag = first.headers()[header::ETAG].to_str().unwrap();
        assert_eq!(assets.answer(assets.style_name(), Some(etag)).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(assets.answer("icon.svg", None).status(), StatusCode::OK);
        assert_eq!(assets.answer("../Cargo.toml", None).status(), StatusCode::NOT_FOUND);
    }
}
