//! People who sign in, and clients that fetch tokens, while many users are being synced.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use barycenter_e2e::measure::median;
use barycenter_e2e::relying_party::code;
use barycenter_e2e::report::Report;
use barycenter_e2e::{Client, Deployment, Visitor};

use crate::measured::baryctl;
use crate::volume::{with_hash, write_users};
use crate::{DATABASES, Door, Place};

const QUIET: Duration = Duration::from_secs(10);

/// What people and clients waited for, each in seconds.
#[derive(Default)]
struct Waits {
    logins: Vec<f64>,
    tokens: Vec<f64>,
}

/// Signs in and fetches tokens, one after the other, until told to stop.
async fn visit(client: &Client, stop: &AtomicBool) -> Waits {
    let mut waits = Waits::default();
    while !stop.load(Ordering::Relaxed) {
        let visitor = Visitor::new();
        let page = visitor.visit(&client.authorization_request(&[("prompt", "login")])).await;
        let began = Instant::now();
        let page = visitor.log_in(&page, "admin", "a fine password").await;
        waits.logins.push(began.elapsed().as_secs_f64());
        let is_first = page.offers("consent-accept");
        let page = if is_first { visitor.press(&page, "consent-accept").await } else { page };
        let url = page.location().expect("the way back to the client");
        let began = Instant::now();
        let response = client.redeem(&code(&url)).await;
        waits.tokens.push(began.elapsed().as_secs_f64());
        assert!(response.status().is_success(), "{response:?}");
    }
    waits
}

/// Signs in and fetches tokens while nothing else happens.
async fn in_quiet(client: &Client) -> Waits {
    let stop = AtomicBool::new(false);
    let (waits, ()) = tokio::join!(visit(client, &stop), async {
        tokio::time::sleep(QUIET).await;
        stop.store(true, Ordering::Relaxed);
    });
    waits
}

/// The median of sign-ins and token requests during a sync, against the median without.
pub(crate) async fn during_a_sync(report: &mut Report, count: usize) {
    for database in DATABASES {
        let deployment = Deployment::new(database).await;
        deployment.direct(&["db", "migrate", "-q"]).await.exited(0);
        let users = r#"{"manager":"people","users":[{"username":"admin","password":"a fine password"}]}"#;
        let users = deployment.write("secrets/people.json", users);
        deployment.direct(&["sync", "-q", "-f", &users]).await.exited(0);
        let client = Client::register(&deployment, "bench").await;
        let path = write_users(&deployment, count, &with_hash());
        let daemon = deployment.start().await;

        let mut quiet = in_quiet(&client).await;
        let stop = AtomicBool::new(false);
        let (busy, sync) = tokio::join!(visit(&client, &stop), async {
            let sync = baryctl(&deployment, Door::Online, &["sync", "-q", "-f", &path], 0).await;
            stop.store(true, Ordering::Relaxed);
            sync
        });
        let after = in_quiet(&client).await;
        quiet.logins.extend(after.logins);
        quiet.tokens.extend(after.tokens);
        daemon.stop().await;
        let place = Place(database, Door::Online);
        let how = |quiet: f64, busy: f64, many: usize| {
            format!("{:.1} ms, without {:.1} ms; {many} during {:.2?}", busy * 1e3, quiet * 1e3, sync.wall)
        };
        let many = busy.logins.len();
        let (before, during) = (median(quiet.logins), median(busy.logins));
        report.at_most(
            place,
            "logins: median / without a sync",
            during / before,
            2.0,
            "×  ",
            &how(before, during, many),
        );
        let (before, during) = (median(quiet.tokens), median(busy.tokens));
        report.at_most(
            place,
            "tokens: median / without a sync",
            during / before,
            2.0,
            "×  ",
            &how(before, during, many),
        );
    }
}
