//! `/livez` and `/readyz`, on both listeners: plain text `ok`, or 503.
//!
//! Live means that the process answers. Ready means that requests can be served: the database answers, its schema is
//! the one that this version needs, and the daemon is not shutting down; the keyring is open, or there would be no
//! daemon. `?verbose` lists the checks, in words that tell a stranger nothing.

use std::sync::Arc;
use std::time::Duration;

use poem::http::StatusCode;
use poem::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use poem::web::Data;
use poem::{Request, Response, handler};

use crate::app::App;
use crate::listen::Draining;

/// How long all checks may take.
const DEADLINE: Duration = Duration::from_secs(2);

/// One check and what it found: nothing, or what is wrong.
type Check = (&'static str, Option<&'static str>);

/// Answers that the process is alive.
#[handler]
pub(crate) fn livez() -> Response {
    respond(&[("process", None)], false)
}

/// Answers whether requests can be served.
#[handler]
pub(crate) async fn readyz(request: &Request, app: Data<&Arc<App>>) -> Response {
    let verbose = request.uri().query().is_some_and(|query| query.split('&').any(|part| part.starts_with("verbose")));
    let draining = request.data::<Draining>().is_some_and(Draining::has_begun);
    let stopping = draining.then_some("the daemon is shutting down");
    let database = match tokio::time::timeout(DEADLINE, database(&app)).await {
        Ok(checks) => checks,
        Err(_) => [("database", Some("does not answer")), ("migrations", Some("unknown"))],
    };
    let [database, migrations] = database;
    respond(&[("running", stopping), database, migrations, ("keyring", None)], verbose)
}

/// Asks the database whether it is there, and where its schema stands.
async fn database(app: &App) -> [Check; 2] {
    if let Err(error) = app.store.ping().await {
        tracing::warn!(%error, "not ready");
        return [("database", Some("does not answer")), ("migrations", Some("unknown"))];
    }
    let current = app.store.schema_status().await.and_then(|status| status.require_current());
    match current {
        Ok(()) => [("database", None), ("migrations", None)],
        Err(error) => {
            tracing::warn!(%error, "not ready");
            [("database", None), ("migrations", Some("not the schema that this version needs"))]
        }
    }
}

/// Returns what the checks found, for nobody to keep.
fn respond(checks: &[Check], verbose: bool) -> Response {
    let failed = checks.iter().any(|(_, fault)| fault.is_some());
    let mut text = String::new();
    for (name, fault) in checks {
        match fault {
            None if verbose => text.push_str(&format!("[+] {name}: ok\n")),
            None => {}
            Some(fault) => text.push_str(&format!("[-] {name}: {fault}\n")),
        }
    }
    text.push_str(if failed { "not ready" } else { "ok" });
    Response::builder()
        .status(if failed { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK })
        .header(CACHE_CONTROL, "no-store")
        .header(CONTENT_TYPE, "text/plain; charset=utf-8")
        .body(text)
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;
    use poem::{EndpointExt as _, Route, get};

    use super::*;
    use crate::testing::test_app;

    #[tokio::test]
    async fn a_daemon_is_ready_until_it_shuts_down() {
        let (app, _folder) = test_app().await;
        let draining = Draining::default();
        let routes = Route::new().at("/livez", get(livez)).at("/readyz", get(readyz)).data(app).data(draining.clone());
        let client = TestClient::new(routes);
        client.get("/readyz").send().await.assert_text("ok").await;
        let verbose = client.get("/readyz?verbose").send().await;
        verbose.assert_header("cache-control", "no-store");
        verbose.assert_text("[+] running: ok\n[+] database: ok\n[+] migrations: ok\n[+] keyring: ok\nok").await;

        draining.begin();
        client.get("/readyz").send().await.assert_status(StatusCode::SERVICE_UNAVAILABLE);
        client.get("/livez").send().await.assert_text("ok").await;
    }

    #[tokio::test]
    async fn a_daemon_without_its_database_is_not_ready() {
        let (app, _folder) = test_app().await;
        app.store.clone().close().await.unwrap();
        let client = TestClient::new(get(readyz).data(app));
        let response = client.get("/").send().await;
        response.assert_status(StatusCode::SERVICE_UNAVAILABLE);
        response.assert_text("[-] database: does not answer\n[-] migrations: unknown\nnot ready").await;
    }
}
