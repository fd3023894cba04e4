//! `GET /admin/playground`: GraphiQL, with everything that it needs in the binary, so that it works where there is no
//! way to the internet. The page itself holds nothing to protect; it sends nothing until a token is entered.

use poem::http::{StatusCode, header};
use poem::web::Path;
use poem::{Response, Route, get, handler};

/// The page loads from here alone. GraphiQL's editor sets styles of its own.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     connect-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Barycenter admin API</title>
<link rel="stylesheet" href="/admin/playground/assets/graphiql.min.css">
<link rel="stylesheet" href="/admin/playground/assets/playground.css">
</head>
<body>
<div id="operator">
<strong>Barycenter admin API</strong>
<label>Token <input id="token" type="password" autocomplete="off" spellcheck="false"></label>
<p id="notice" role="status">This page needs JavaScript.</p>
</div>
<div id="graphiql"></div>
<script src="/admin/playground/assets/react.production.min.js"></script>
<script src="/admin/playground/assets/react-dom.production.min.js"></script>
<script src="/admin/playground/assets/graphiql.min.js"></script>
<script src="/admin/playground/assets/playground.js"></script>
</body>
</html>
"#;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// Name, content type and contents of every file.
const FILES: [(&str, &str, &str); 6] = [
    ("graphiql.min.css", CSS, include_str!("../../assets/graphiql/graphiql.min.css")),
    ("graphiql.min.js", JAVASCRIPT, include_str!("../../assets/graphiql/graphiql.min.js")),
    ("playground.css", CSS, include_str!("../../assets/graphiql/playground.css")),
    ("playground.js", JAVASCRIPT, include_str!("../../assets/graphiql/playground.js")),
    ("react-dom.production.min.js", JAVASCRIPT, include_str!("../../assets/graphiql/react-dom.production.min.js")),
    ("react.production.min.js", JAVASCRIPT, include_str!("../../assets/graphiql/react.production.min.js")),
];

/// Returns the page and its files.
pub(super) fn routes() -> Route {
    Route::new().at("/", get(page)).at("/assets/:name", get(asset))
}

#[handler]
fn page() -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::X_FRAME_OPTIONS, "DENY")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CACHE_CONTROL, "no-store")
        .body(PAGE)
}

#[handler]
fn asset(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, content_type, text)) => Response::builder()
            .header(header::CONTENT_TYPE, *content_type)
            .header(header::CACHE_CONTROL, "public, max-age=3600")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .body(*text),
        None => Response::builder().status(StatusCode::NOT_FOUND).finish(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_nothing_from_elsewhere() {
        assert!(!PAGE.contains("//"), "no address of another host");
        let named = PAGE.matches("/admin/playground/assets/").count();
        assert_eq!(named, FILES.len());
        for (name, ..) in FILES {
            assert!(PAGE.contains(&format!("/admin/playground/assets/{name}\"")), "{name}");
        }
    }
}
