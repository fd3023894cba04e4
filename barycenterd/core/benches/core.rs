//! What the core's heavy parts cost: `make bench`.

use std::sync::Arc;

use barycenter_core::clock::FixedClock;
use barycenter_core::config::{Database, Keys, Passwords};
use barycenter_core::keyring::Keyring;
use barycenter_core::model::{SigningAlgorithm, Timestamp};
use barycenter_core::password::PasswordHasher;
use barycenter_core::reconcile::{
    Checked, Kind, Lease, Order, Reconciler, Request, Source, Values, Verdict, compare, run,
};
use barycenter_core::secret::Secret;
use barycenter_core::store::Store;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use tempfile::TempDir;
use tokio::runtime::Runtime;

fn main() {
    divan::main();
}

fn users(count: usize) -> String {
    let users: Vec<_> = (0..count)
        .map(|number| {
            serde_json::json!({
                "username": format!("user-{number:07}"), "email": format!("user-{number}@example.com"),
                "email_verified": true, "enabled": true,
                "properties": { "role": "member", "display_name": format!("User {number}") },
            })
        })
        .collect();
    serde_json::json!({ "users": users }).to_string()
}

#[expect(clippy::unwrap_used, reason = "what fails here ends the benchmark")]
fn deployment(runtime: &Runtime, algorithm: SigningAlgorithm) -> (TempDir, Store, Keyring) {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let url = format!("sqlite://{}?mode=rwc", path("barycenter.db").display()).parse().unwrap();
    let keys =
        Keys { jwks_path: path("jwks.json"), private_key_path: path("key.pem"), alg: algorithm, ..Keys::default() };
    let (store, keyring) = runtime.block_on(async {
        let store = Store::connect(&Database { url, ..Database::default() }).await.unwrap();
        store.migrate().await.unwrap();
        let keyring = Keyring::open(&keys, &store, Timestamp::from_unix(0)).await.unwrap();
        (store, keyring)
    });
    (folder, store, keyring)
}

#[expect(clippy::unwrap_used, reason = "what fails here ends the benchmark")]
fn reconciler(store: Store, keyring: &Keyring) -> Reconciler {
    let hasher = PasswordHasher::new(&Passwords::default()).unwrap();
    Reconciler::new(store, hasher, keyring, Arc::new(FixedClock::at(Timestamp::from_unix(0)))).unwrap()
}

#[expect(clippy::unwrap_used, reason = "what fails here ends the benchmark")]
fn checked(text: &str) -> (Source, Checked) {
    let mut source = Source::from_text("users.json", text, Values::default());
    let checked = source.check().unwrap();
    (source, checked)
}

fn request() -> Request {
    Request { kinds: vec![Kind::User], ..Request::default() }
}

#[expect(clippy::unwrap_used, reason = "what fails here ends the benchmark")]
async fn sync(reconciler: &Reconciler, text: &str) -> Verdict {
    let (mut source, checked) = checked(text);
    let order = Order { request: request(), ..Order::default() };
    let lease = Lease::new(checked.manager.clone(), "a benchmark");
    run(reconciler, &mut source, &checked, &order, &lease, &mut ()).await.unwrap()
}

#[divan::bench(args = [10_000])]
fn check_users_file(bencher: Bencher<'_, '_>, count: usize) {
    let text = users(count);
    bencher.counter(ItemsCount::new(count)).bench(|| checked(black_box(&text)).1.index.count(Kind::User));
}

#[divan::bench(args = [10_000], sample_count = 10)]
#[expect(clippy::unwrap_used, reason = "what fails here ends the benchmark")]
fn compare_unchanged_users(bencher: Bencher<'_, '_>, count: usize) {
    let runtime = Runtime::new().unwrap();
    let (_folder, store, keyring) = deployment(&runtime, SigningAlgorithm::EdDsa);
    let reconciler = reconciler(store, &keyring);
    let text = users(count);
    runtime.block_on(sync(&reconciler, &text));
    let (mut source, checked) = checked(&text);
    bencher.counter(ItemsCount::new(count)).bench_local(|| {
        runtime.block_on(compare(&reconciler, &mut source, &checked, &request(), &mut ())).unwrap().counts
    });
}

#[divan::bench(args = [10_000], sample_count = 5)]
#[expect(clippy::unwrap_used, reason = "what fails here ends the benchmark")]
fn apply_changed_users(bencher: Bencher<'_, '_>, count: usize) {
    let runtime = Runtime::new().unwrap();
    let (_folder, store, keyring) = deployment(&runtime, SigningAlgorithm::EdDsa);
    let reconciler = reconciler(store, &keyring);
    // Each sync changes everybody's role.
    let mut texts = [users(count), users(count).replace("member", "guest")].into_iter().cycle();
    bencher
        .counter(ItemsCount::new(count))
        .bench_local(|| texts.next().map(|text| runtime.block_on(sync(&reconciler, &text))));
}

#[divan::bench(args = SigningAlgorithm::ALL)]
#[expect(clippy::unwrap_used, reason = "what fails here ends the benchmark")]
fn sign_id_token(bencher: Bencher<'_, '_>, algorithm: SigningAlgorithm) {
    let (_folder, _store, keyring) = deployment(&Runtime::new().unwrap(), algorithm);
    let claims = serde_json::json!({ "iss": "https://auth.example.com", "sub": "u", "aud": "rp", "exp": 1, "iat": 0 });
    bencher.counter(ItemsCount::new(1_usize)).bench(|| keyring.sign("JWT", black_box(&claims)).map(|jwt| jwt.len()));
}

#[divan::bench(sample_count = 10)]
#[expect(clippy::unwrap_used, reason = "what fails here ends the benchmark")]
fn hash_password(bencher: Bencher<'_, '_>) {
    let runtime = Runtime::new().unwrap();
    let hasher = PasswordHasher::new(&Passwords::default()).unwrap();
    let password = Secret::new("correct horse battery staple");
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| runtime.block_on(hasher.hash(&password)).unwrap());
}
