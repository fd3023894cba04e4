//! `GET /admin/playground`: GraphiQL, with everything that it needs in the binary, so that it works where there is no
//! way to the internet. The page itself holds nothing to protect; it sends nothing until a token is entered.
//!
//! The page names its files and the API relative to itself, so that it also works behind a proxy that puts a path
//! before `/admin`.

use poem::http::{StatusCode, header};
use poem::web::Path;
use poem::{Request, Response, Route, get, handler};

/// The page loads from here alone. GraphiQL's editor sets styles of its own.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The files are no documents: opened by themselves, they load and run nothing.
const FILE_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const PAGE: &str = include_str!("../../assets/graphiql/playground.html");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// Name, content type and contents of every file.
const FILES: [(&str, &str, &str); 7] = [
    ("graphiql.min.css", CSS, include_str!("../../assets/graphiql/graphiql.min.css")),
    ("graphiql.min.js", JAVASCRIPT, include_str!("../../assets/graphiql/graphiql.min.js")),
    ("icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
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
fn page(request: &Request) -> Response {
    if request.original_uri().path().ends_with("/playground/") {
        // Its relative names would lead elsewhere.
        return Response::builder()
            .status(StatusCode::PERMANENT_REDIRECT)
            .header(header::LOCATION, "../playground")
            .finish();
    }
    Response::builder()
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::X_FRAME_OPTIONS, "DENY")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header("cross-origin-opener-policy", "same-origin")
        .header(header::CACHE_CONTROL, "no-store")
        .body(PAGE)
}

#[handler]
fn asset(Path(name): Path<String>) -> Response {
    let Some((_, content_type, text)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return Response::builder().status(StatusCode::NOT_FOUND).finish();
    };
    Response::builder()
        .header(header::CONTENT_TYPE, *content_type)
        .header(header::CONTENT_SECURITY_POLICY, FILE_SECURITY_POLICY)
        .header(header::CACHE_CONTROL, "private, max-age=300")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header("cross-origin-resource-policy", "same-origin")
        .body(*text)
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;

    use super::*;

    fn client() -> TestClient<Route> {
        TestClient::new(Route::new().nest("/admin/playground", routes()))
    }

    #[tokio::test]
    async fn the_page_loads_from_here_alone() {
        let answer = client().get("/admin/playground").send().await;
        answer.assert_status_is_ok();
        let policy = answer.0.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
        assert!(!policy.contains("http") && !policy.contains("unsafe-eval"), "{policy}");
        let text = answer.0.into_body().into_string().await.unwrap();
        assert_eq!(text, PAGE);
        assert!(!text.contains("//") && !text.contains("<style"), "another host, or a style of its own");
        assert_eq!(text.matches("<script").count(), text.matches("<script src=\"playground/assets/").count());
    }

    #[tokio::test]
    async fn everything_that_the_page_names_is_served() {
        let names = PAGE.split('"').filter_map(|text| text.strip_prefix("playground/assets/"));
        let mut named: Vec<&str> = names.collect();
        named.sort_unstable();
        named.dedup();
        assert_eq!(named, FILES.map(|(name, ..)| name));
        for (name, content_type, text) in FILES {
            let answer = client().get(format!("/admin/playground/assets/{name}")).send().await;
            answer.assert_status_is_ok();
            answer.assert_content_type(content_type);
            answer.assert_text(text).await;
        }
    }

    #[tokio::test]
    async fn nothing_else_is_served() {
        for path in ["assets/README.md", "assets/LICENSE-react", "assets/../mod.rs", "assets/"] {
            client().get(format!("/admin/playground/{path}")).send().await.assert_status(StatusCode::NOT_FOUND);
        }
    }

    #[test]
    fn nothing_that_is_loaded_names_a_file_elsewhere() {
        for (name, _, text) in FILES {
            assert!(!text.contains("sourceMappingURL") && !text.contains("@font-face"), "{name}");
            assert!(!text.contains("url(http") && !text.contains("@import"), "{name}");
        }
    }
}
