//! `/assets/…`: the style sheet and the icon of the pages, in the binary. Their names hold a digest of their contents,
//! so that browsers may keep them for good; `pages.rs` writes those names into every page.

use std::sync::Arc;

use barycenter_core::secret::Digest;
use poem::http::{StatusCode, header};
use poem::web::{Data, Path};
use poem::{Request, Response, handler};

use crate::app::App;

const STYLE: &str = include_str!("../../assets/style.css");
const ICON: &str = include_str!("../../assets/icon.svg");

/// Nothing may load the icon as a document and run something in it; its own style may stay.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

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

    /// Returns the icon's name below `/assets/`.
    #[must_use]
    pub fn icon_name(&self) -> &str {
        &self.icon.name
    }

    /// Answers with a file, or says that the browser has it (RFC 9110 section 13.1.2).
    fn answer(&self, name: &str, if_none_match: Option<&str>) -> Response {
        let Some(asset) = [&self.style, &self.icon].into_iter().find(|asset| asset.name == name) else {
            return Response::builder()
                .status(StatusCode::NOT_FOUND)
                .header(header::CACHE_CONTROL, "no-store")
                .content_type("text/plain; charset=utf-8")
                .body("404 Not Found\n");
        };
        let response = Response::builder()
            .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
            .header(header::ETAG, &asset.etag)
            .header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .header("cross-origin-resource-policy", "same-origin");
        if if_none_match.is_some_and(|tags| tags.split(',').any(|tag| is_same(tag, &asset.etag))) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        response.content_type(asset.content_type).body(asset.text)
    }
}

/// Compares weakly, as `If-None-Match` wants it: a proxy that compresses marks what it sends on as weak.
fn is_same(tag: &str, etag: &str) -> bool {
    let tag = tag.trim();
    tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
}

/// `GET /assets/:name`.
#[handler]
pub(crate) fn serve(app: Data<&Arc<App>>, request: &Request, Path(name): Path<String>) -> Response {
    app.assets.answer(&name, request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_served_to_be_kept() {
        let assets = Assets::new();
        for (name, content_type, text) in
            [(assets.style_name(), "text/css; charset=utf-8", STYLE), (assets.icon_name(), "image/svg+xml", ICON)]
        {
            let answer = assets.answer(name, None);
            assert_eq!(answer.status(), StatusCode::OK, "{name}");
            assert_eq!(answer.headers()[header::CONTENT_TYPE], content_type);
            assert_eq!(answer.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
            assert_eq!(answer.into_body().into_string().await.unwrap(), text);
        }
    }

    #[test]
    fn a_known_file_is_not_sent_again() {
        let assets = Assets::new();
        let first = assets.answer(assets.style_name(), None);
        let etag = first.headers()[header::ETAG].to_str().unwrap();
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
        for tags in [etag.to_owned(), format!("\"other\", W/{etag}"), "*".to_owned()] {
            let again = assets.answer(assets.style_name(), Some(&tags));
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{tags}");
            assert_eq!(again.headers()[header::ETAG].to_str().unwrap(), etag);
        }
        assert_eq!(assets.answer(assets.style_name(), Some("\"other\"")).status(), StatusCode::OK);
    }

    #[test]
    fn nothing_else_is_served() {
        for name in ["style.css", "icon.svg", "", "..", "../Cargo.toml"] {
            assert_eq!(Assets::new().answer(name, None).status(), StatusCode::NOT_FOUND, "{name}");
        }
    }
}
