//! Discovery and the JWKS, against a server of the same framework that answers `hello`.

use std::process::Stdio;
use std::time::Duration;

use barycenter_e2e::report::Report;
use barycenter_e2e::{DatabaseKind, Deployment};
use tokio::process::Command;
use tokio::time::sleep;

use crate::baseline::HELLO;
use crate::load::{best_rate, http};

const REQUESTS: usize = 40_000;

/// Both documents are answered from memory.
pub(crate) async fn published(report: &mut Report) {
    let deployment = Deployment::new(DatabaseKind::Sqlite).await;
    let daemon = deployment.start().await;
    let port = deployment.port() + 2;
    let mut server = Command::new(std::env::current_exe().expect("this program"))
        .args([HELLO, &port.to_string()])
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts again");
    let hello = answers(server.id().expect("it runs"), format!("http://127.0.0.1:{port}/")).await;
    for path in ["/.well-known/openid-configuration", "/.well-known/jwks.json"] {
        let answers = answers(daemon.id(), format!("{}{path}", daemon.base())).await;
        let how = format!("{answers:.0} a second a core; `hello` {hello:.0}");
        report.at_least("SQLite", &format!("{path} / hello"), answers / hello, 0.5, "×  ", &how);
    }
    server.kill().await.expect("it stops");
}

async fn answers(id: u32, url: String) -> f64 {
    let http = http();
    for _ in 0..100 {
        if http.get(&url).send().await.is_ok() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    best_rate(id, vec![(); REQUESTS], |()| {
        let request = http.get(&url);
        async move {
            let answer = request.send().await.expect("an answer");
            assert!(answer.status().is_success(), "{answer:?}");
            answer.bytes().await.expect("a body");
        }
    })
    .await
}
