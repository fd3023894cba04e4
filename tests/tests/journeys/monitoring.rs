//! What monitoring asks a running daemon: metrics that Prometheus's own tool accepts, and probes that tell the truth
//! when the database goes away and comes back.

use std::process::Stdio;
use std::time::{Duration, Instant};

use barycenter_e2e::proxy::{Breaks, Proxy};
use barycenter_e2e::{DatabaseKind, Deployment, Visitor, program};

on_both_databases!(the_metrics_of_a_daemon_are_clean, probes_answer_on_both_ports);

/// How often something is looked at that will come by itself.
const PAUSE: Duration = Duration::from_millis(200);
/// And how long.
const PATIENCE: Duration = Duration::from_secs(60);

async fn the_metrics_of_a_daemon_are_clean(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.sync_and_start().await;
    let visitor = Visitor::new();
    for path in ["/", "/login", "/readyz", "/.well-known/openid-configuration", "/canary-6f1c", "/token"] {
        visitor.get(&format!("{}{path}", daemon.base())).await;
    }
    deployment.online(&["jobs", "trigger", "clean-up", "--wait"]).await.exited(0);
    let page = visitor.get(&format!("{}/metrics", deployment.admin())).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("canary"), "{}", page.body);
    let mut promtool = program::command("promtool", &deployment.path(""));
    promtool.args(["check", "metrics"]).stdin(Stdio::piped());
    let checked = program::run(promtool, Some(&page.body)).await.exited(0);
    assert_eq!((checked.stdout.trim(), checked.stderr.trim()), ("", ""), "{checked}\n{}", page.body);
    let public = visitor.get(&format!("{}/metrics", daemon.base())).await;
    assert_eq!(public.status, 404, "the public port never serves metrics");
    assert_eq!(daemon.stop().await, 0);
}

async fn probes_answer_on_both_ports(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.start().await;
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    for base in [daemon.base(), deployment.admin()] {
        for path in ["/livez", "/readyz", "/readyz?verbose"] {
            let get = http.get(format!("{base}{path}")).send().await.expect("the server answers");
            assert_eq!(get.status(), 200);
            let text = get.text().await.expect("a text");
            assert!(text.ends_with("ok"), "{text}");
            assert!(text.contains("database") == path.ends_with("verbose"), "{text}");
            let head = http.head(format!("{base}{path}")).send().await.expect("the server answers");
            assert_eq!((head.status().as_u16(), head.text().await.expect("nothing").as_str()), (200, ""), "{path}");
        }
    }
    assert_eq!(daemon.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_told_at_once_and_one_that_comes_back_is_noticed() {
    let mut deployment = Deployment::new(DatabaseKind::Postgresql).await;
    let server = url::Url::parse(deployment.database_url()).expect("a URL");
    let proxy = Proxy::start(server.port().unwrap_or(5432), Breaks::Never).await;
    let mut through = server;
    through.set_ip_host([127, 0, 0, 1].into()).expect("a host");
    through.set_port(proxy.base().rsplit(':').next().and_then(|port| port.parse().ok())).expect("a port");
    deployment.set("DATABASE__URL", through.as_str());
    let daemon = deployment.start().await;
    let visitor = Visitor::new();
    let ready = format!("{}/readyz", daemon.base());
    assert_eq!(visitor.get(&ready).await.status, 200);

    proxy.cut();
    let began = Instant::now();
    let page = visitor.get(&format!("{ready}?verbose")).await;
    assert_eq!(page.status, 503, "{}", page.body);
    assert!(began.elapsed() < Duration::from_secs(3), "after {:?}", began.elapsed());
    assert!(page.body.contains("[-] database: does not answer"), "{}", page.body);
    assert_eq!(visitor.get(&format!("{}/livez", daemon.base())).await.status, 200, "it lives");
    for path in [".well-known/openid-configuration", ".well-known/jwks.json"] {
        assert_eq!(visitor.get(&format!("{}/{path}", daemon.base())).await.status, 200, "{path} is in memory");
    }
    assert_eq!(visitor.get(&format!("{}/metrics", deployment.admin())).await.status, 200);

    proxy.mend();
    let recovered = tokio::time::timeout(PATIENCE, async {
        while visitor.get(&ready).await.status != 200 {
            tokio::time::sleep(PAUSE).await;
        }
    });
    recovered.await.expect("it recovers by itself");
    assert_eq!(daemon.stop().await, 0);
}
