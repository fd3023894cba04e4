//! The admin API as its callers see it: who is let in, what is refused before it runs, and what operations answer.

use barycenter_core::model::{JobCounts, JobOutcome, JobRun, JobRunId, JobState, JobTrigger, ScheduledJob, Timestamp};
use barycenter_core::reconcile::{Operation, wire};
use barycenter_core::secret::Secret;
use poem::http::StatusCode;
use poem::test::TestClient;
use poem::{Body, Endpoint};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::testing::{NOW, test_app};

const TOKEN: &str = "bat_test-token";
const PATH: &str = "/admin/graphql";

async fn api() -> (TestClient<impl Endpoint>, Arc<App>, TempDir) {
    let (app, folder) = test_app().await;
    let client = TestClient::new(admin_app(&app, AdminToken::new(&Secret::new(TOKEN))));
    (client, app, folder)
}

/// Posts a body with the token and returns status and answer.
async fn post<E: Endpoint>(client: &TestClient<E>, body: String) -> (StatusCode, Value) {
    let request = client.post(PATH).header("authorization", format!("Bearer {TOKEN}")).content_type("application/json");
    let response = request.body(body).send().await;
    let status = response.0.status();
    let text = response.0.into_body().into_string().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

/// Executes an operation that must succeed and returns its data.
async fn execute<E: Endpoint>(client: &TestClient<E>, query: &str, variables: Value) -> Value {
    let (status, mut answer) = post(client, json!({ "query": query, "variables": variables }).to_string()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"].take()
}

/// Executes an operation that must fail and returns its first error's code and message.
async fn refused<E: Endpoint>(client: &TestClient<E>, query: &str, variables: Value) -> (String, String) {
    let (_, answer) = post(client, json!({ "query": query, "variables": variables }).to_string()).await;
    let error = &answer["errors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{answer:#}")).to_owned();
    (text(&error["extensions"]["code"]), text(&error["message"]))
}

#[tokio::test]
async fn without_the_token_nothing_is_parsed() {
    let (client, _app, _folder) = api().await;
    for authorization in [None, Some("Bearer bat_wrong"), Some("Basic YTpi"), Some(TOKEN)] {
        let mut request = client.post(PATH).content_type("application/json").body("{ not even JSON");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let response = request.send().await;
        response.assert_status(StatusCode::UNAUTHORIZED);
        response.assert_header("www-authenticate", "Bearer");
        let answer: Value = serde_json::from_str(&response.0.into_body().into_string().await.unwrap()).unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert!(answer.get("data").is_none());
    }
}

#[tokio::test]
async fn only_json_posts_execute() {
    let (client, _app, _folder) = api().await;
    let bearer = format!("Bearer {TOKEN}");
    let query = json!({ "query": "{ serverInfo { version } }" }).to_string();
    for get in [client.get(PATH), client.get("/admin/graphql?query={serverInfo{version}}"), client.put(PATH)] {
        let response = get.header("authorization", &bearer).send().await;
        response.assert_status(StatusCode::METHOD_NOT_ALLOWED);
        response.assert_header("allow", "POST");
    }
    for media_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"]
    {
        let response = client
            .post(PATH)
            .header("authorization", &bearer)
            .content_type(media_type)
            .body(query.clone())
            .send()
            .await;
        response.assert_status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let charset = client.post(PATH).header("authorization", &bearer).content_type("Application/JSON; charset=utf-8");
    charset.body(query).send().await.assert_status_is_ok();
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let (client, _app, _folder) = api().await;
    let send = async |origin: &str| {
        let request =
            client.post(PATH).header("authorization", format!("Bearer {TOKEN}")).content_type("application/json");
        let request = request.header("host", "admin.example.com:8081").header("origin", origin);
        request.body(json!({ "query": "{ __typename }" }).to_string()).send().await.0.status()
    };
    assert_eq!(send("http://admin.example.com:8081").await, StatusCode::OK);
    for origin in [
        "http://admin.example.com",
        "https://evil.example.com",
        "null",
        "http://admin.example.com:8081.evil.example.com",
    ] {
        assert_eq!(send(origin).await, StatusCode::FORBIDDEN, "{origin}");
    }
}

#[tokio::test]
async fn what_asks_for_too_much_is_not_executed() {
    let (client, _app, _folder) = api().await;
    let aliases: String = (0..1000).map(|index| format!("a{index}: serverInfo {{ version }} ")).collect();
    let nested = format!("{{ __schema {{ types {} name {} }} }}", "{ fields { type ".repeat(10), "} }".repeat(10));
    let directives = format!("{{ __typename {} }}", "@include(if: true) ".repeat(5));
    let pages = "{ a: users(first: 1000) { nodes { id } } b: users(first: 99999) { nodes { id } } }".to_owned();
    for query in [format!("{{ {aliases} }}"), nested, directives, pages, "{ a".repeat(100), "{".repeat(50_000)] {
        let (code, _) = refused(&client, &query, Value::Null).await;
        assert_eq!(code, "BAD_INPUT", "{query}");
    }
    let batch = |count| Value::Array(vec![json!({ "query": "{ __typename }" }); count]).to_string();
    assert_eq!(post(&client, batch(10)).await.1.as_array().map(Vec::len), Some(10));
    assert_eq!(post(&client, batch(11)).await.0, StatusCode::BAD_REQUEST);
    let long = format!("{{ \"query\": \"{}\" }}", " ".repeat(limits::BODY_BYTES));
    assert_eq!(post(&client, long).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn bodies_that_are_no_request_are_refused() {
    let (client, _app, _folder) = api().await;
    for body in ["", "null", "{", "[]", " [ ] ", "[1]", "\"query\"", "{ \"query\": 1 }", &"[".repeat(100_000)] {
        let (status, answer) = post(&client, body.to_owned()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_INPUT");
    }
    assert_eq!(refused(&client, "{ nothing }", Value::Null).await.0, "BAD_INPUT");
}

#[tokio::test]
async fn graphiql_may_ask_for_the_schema() {
    let (client, _app, _folder) = api().await;
    let data = execute(&client, INTROSPECTION, Value::Null).await;
    assert_eq!(data["__schema"]["queryType"]["name"], "Query");
}

#[tokio::test]
async fn pages_are_clamped_and_continue() {
    let (client, _app, _folder) = api().await;
    let users: Vec<Value> = (0..5).map(|index| json!({ "username": format!("user{index}") })).collect();
    sync(&client, "a.json", &users).await;
    let query = "query Q($first: Int!, $after: String) { users(first: $first, after: $after) { nodes { username } endCursor hasNextPage } }";
    let first = execute(&client, query, json!({ "first": 2 })).await;
    assert_eq!(
        first["users"],
        json!({ "nodes": [{ "username": "user0" }, { "username": "user1" }], "endCursor": "user1", "hasNextPage": true })
    );
    let rest = execute(&client, query, json!({ "first": 1_000_000, "after": "user1" })).await;
    assert_eq!(rest["users"]["nodes"].as_array().map(Vec::len), Some(3));
    assert_eq!(rest["users"]["hasNextPage"], false);
    assert_eq!(
        execute(&client, query, json!({ "first": -1 })).await["users"]["nodes"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn a_plan_is_applied_once_and_conflicts_change_nothing() {
    let (client, _app, _folder) = api().await;
    let alice = json!({ "username": "alice", "email": "alice@example.com", "password": "correct horse", "groups": ["ops"], "properties": { "role": "member" } });
    let changes = plan(&client, "a.json", std::slice::from_ref(&alice)).await;
    let change = &changes[0];
    assert_eq!(
        (&change["operation"], &change["key"], &change["owned"]),
        (&json!("CREATE"), &json!("alice"), &json!(false))
    );
    let password = change["fields"].as_array().unwrap().iter().find(|field| field["path"] == "password").unwrap();
    assert_eq!(password["after"], json!({ "secret": true, "revision": 1 }));
    assert!(!changes.to_string().contains("correct horse"));

    let line = json!({ "kind": "user", "basis": change["basis"], "entry": alice }).to_string();
    let lost = execute(&client, APPLY, apply("a.json", &line)).await;
    assert_eq!(lost["applyEntries"]["__typename"], "SyncLeaseLost", "nobody has taken the lease");
    take_lease(&client, "a.json").await;
    let applied = execute(&client, APPLY, apply("a.json", &line)).await;
    let done = |answer: &Value| wire::done_from_lines(answer["applyEntries"]["done"].as_str().unwrap()).unwrap();
    assert_eq!(done(&applied)[0].operation, Operation::Create);
    let again = execute(&client, APPLY, apply("a.json", &line)).await;
    assert_eq!(done(&again)[0].operation, Operation::Unchanged);
    let user = execute(
        &client,
        "{ user(username: \"ALICE\") { username email manager groups hasPassword properties createdAt } }",
        Value::Null,
    )
    .await;
    let stored = json!({ "username": "alice", "email": "alice@example.com", "manager": "a.json", "groups": ["ops"],
        "hasPassword": true, "properties": { "role": "member" }, "createdAt": "2026-11-23T11:00:00Z" });
    assert_eq!(user["user"], stored);

    take_lease(&client, "b.json").await;
    let bob = json!({ "kind": "user", "basis": change["basis"], "entry": { "username": "bob" } });
    let lines = format!("{line}\n{bob}");
    let refused = execute(&client, APPLY, apply("b.json", &lines)).await["applyEntries"].take();
    assert_eq!(refused["__typename"], "EntriesRefused");
    assert_eq!(refused["refused"][0]["change"]["conflict"], "OTHER_MANAGER");
    let query = "{ a: managedCount(manager: \"a.json\", kind: USER) { total } b: managedCount(manager: \"b.json\", kind: USER) { total } }";
    assert_eq!(execute(&client, query, Value::Null).await, json!({ "a": { "total": 1 }, "b": { "total": 0 } }));
}

#[tokio::test]
async fn faulty_entries_are_all_named_and_never_repeated() {
    let (client, _app, _folder) = api().await;
    let wrong =
        |entries: &str| json!({ "input": { "manager": "a.json", "kind": "USER", "intent": {}, "entries": entries } });
    let entries =
        "{\"username\":\"eve\",\"pasword\":\"canary\"}\n{\"username\":\"\"}\n{\"username\":\"eve\",\"password\":7}";
    let (code, message) = refused(&client, PLAN, wrong(entries)).await;
    assert_eq!(code, "BAD_INPUT");
    for text in ["users[0] \"eve\"", "did you mean `password`", "users[1]", "users[2] \"eve\" password"] {
        assert!(message.contains(text), "{text} is not in {message}");
    }
    assert!(!message.contains("canary"), "{message}");
    let (_, message) = refused(&client, PLAN, wrong("{\"username\":\"eve\"}\n{\"username\":\"EVE\"}")).await;
    assert!(message.contains("twice"), "{message}");
    let many: Vec<String> = (0..1001).map(|index| json!({ "username": format!("user{index}") }).to_string()).collect();
    let (_, message) = refused(&client, PLAN, wrong(&many.join("\n"))).await;
    assert!(message.contains("1001 are too many"), "{message}");
    for canary in ["canary", "{\"username\":\"a\",\"password\":{\"file\":\"/canary\"}}"] {
        let (code, message) = refused(&client, PLAN, wrong(canary)).await;
        assert!(code == "BAD_INPUT" && !message.contains("canary"), "{message}");
    }
    let (_, message) = refused(&client, APPLY, apply("a.json", "{\"kind\":\"user\",\"entry\":{}}")).await;
    assert!(message.contains("line 1: is not a planned change"), "{message}");
}

#[tokio::test]
async fn a_client_secret_is_shown_once() {
    let (client, app, _folder) = api().await;
    let create = "mutation M($input: CreateClientInput!) { createClient(input: $input) { __typename
        ... on ClientCreated { client { clientId grantTypes scopes authenticationMethod } clientSecret }
        ... on ClientExists { clientId } ... on ClientInvalid { faults } } }";
    let input = json!({ "clientId": "grafana", "name": "Grafana", "redirectUris": ["https://grafana.example.com/cb"] });
    let created = execute(&client, create, json!({ "input": input })).await["createClient"].take();
    assert_eq!(
        created["client"],
        json!({ "clientId": "grafana", "authenticationMethod": "CLIENT_SECRET_BASIC",
        "grantTypes": ["authorization_code", "refresh_token"], "scopes": ["openid", "profile", "email", "address", "phone", "groups", "offline_access"] })
    );
    let secret = Secret::new(created["clientSecret"].as_str().unwrap());
    let stored = app.store.clients().by_id(&barycenter_core::model::ClientId::new("grafana")).await.unwrap().unwrap();
    assert!(stored.has_secret(&secret));

    let again = execute(&client, create, json!({ "input": input })).await;
    assert_eq!(again["createClient"], json!({ "__typename": "ClientExists", "clientId": "grafana" }));
    let wrong = json!({ "name": " ", "redirectUris": ["javascript:alert(1)"] });
    let invalid = execute(&client, create, json!({ "input": wrong })).await;
    assert_eq!(invalid["createClient"]["faults"].as_array().map(Vec::len), Some(2), "{invalid:#}");
    let public = json!({ "name": "App", "authenticationMethod": "NONE", "redirectUris": ["com.example.app:/cb"] });
    assert!(execute(&client, create, json!({ "input": public })).await["createClient"]["clientSecret"].is_null());

    let delete = "mutation { deleteClient(clientId: \"grafana\") { __typename } }";
    assert_eq!(execute(&client, delete, Value::Null).await["deleteClient"]["__typename"], "ClientDeleted");
    assert_eq!(execute(&client, delete, Value::Null).await["deleteClient"]["__typename"], "ClientNotFound");
}

#[tokio::test]
async fn the_server_tells_what_it_is() {
    let (client, _app, _folder) = api().await;
    let query =
        "{ serverInfo { version issuer database schemaVersion signingAlgorithm startedAt } keys { algorithm state } }";
    let data = execute(&client, query, Value::Null).await;
    assert_eq!(data["serverInfo"]["issuer"], "http://localhost:8080");
    assert_eq!(data["serverInfo"]["startedAt"], "2026-11-23T11:00:00Z");
    assert_eq!(data["keys"], json!([{ "algorithm": "ES256", "state": "ACTIVE" }]));
}

#[tokio::test]
async fn keys_rotate_and_retire_with_typed_answers() {
    let (client, app, _folder) = api().await;
    let rotate = "mutation R($input: RotateKeyInput!) { rotateKey(input: $input) { __typename
        ... on KeyPublished { key { kid state activatesAt publicJwk } replaces }
        ... on KeyPending { key { kid } } ... on KeyTooSoon { leastSeconds } } }";
    let retire = "mutation R($input: RetireKeyInput!) { retireKey(input: $input) { __typename
        ... on KeyRetired { successor { kid } answers until } ... on KeyInUse { answers until } } }";
    let import = "mutation I($input: ImportKeyInput!) { importKey(input: $input) { __typename
        ... on KeyInvalid { reason } } }";
    let first = app.keyring.keys()[0].kid.to_string();
    let soon = execute(&client, rotate, json!({ "input": { "activateInSeconds": 1 } })).await;
    assert_eq!(soon["rotateKey"], json!({ "__typename": "KeyTooSoon", "leastSeconds": 335 }));
    let published = execute(&client, rotate, json!({ "input": {} })).await["rotateKey"].take();
    assert_eq!((&published["replaces"], &published["key"]["state"]), (&json!(first), &json!("PENDING")));
    // 335 seconds after the key was made, which takes its time.
    let activates_at = Timestamp::from_rfc_3339(published["key"]["activatesAt"].as_str().unwrap()).unwrap();
    assert!((335..395).contains(&activates_at.since(NOW)), "{activates_at}");
    assert!(published["key"]["publicJwk"].get("d").is_none());
    let pending = execute(&client, rotate, json!({ "input": {} })).await;
    assert_eq!(pending["rotateKey"]["key"]["kid"], published["key"]["kid"]);

    let used = execute(&client, retire, json!({ "input": { "kid": first } })).await;
    assert_eq!(used["retireKey"], json!({ "__typename": "KeyInUse", "answers": 0, "until": "2026-11-23T11:10:00Z" }));
    let retired = execute(&client, retire, json!({ "input": { "kid": first, "now": true } })).await;
    assert_eq!(retired["retireKey"]["successor"]["kid"], published["key"]["kid"], "the one that waited");
    for (kid, answer) in [(first.as_str(), "KeyRetiredBefore"), ("nothing", "KeyNotFound")] {
        let again = execute(&client, retire, json!({ "input": { "kid": kid, "now": true } })).await;
        assert_eq!(again["retireKey"]["__typename"], answer);
    }
    let invalid = execute(&client, import, json!({ "input": { "key": "canary" } })).await;
    assert_eq!(invalid["importKey"]["__typename"], "KeyInvalid");
    assert!(!invalid.to_string().contains("canary"));
    let keyring =
        execute(&client, "{ keyring { publicationSeconds rotateEverySeconds mirrorFault } }", Value::Null).await;
    assert_eq!(
        keyring["keyring"],
        json!({ "publicationSeconds": 335, "rotateEverySeconds": null, "mirrorFault": null })
    );
}

#[tokio::test]
async fn a_failing_database_tells_nothing_of_itself() {
    let (client, app, _folder) = api().await;
    app.store.clone().close().await.unwrap();
    let (code, message) = refused(&client, "{ keys { kid } }", Value::Null).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("UNAVAILABLE", "the database is not available; try again in a moment")
    );
}

#[tokio::test]
async fn chunked_bodies_are_limited_too() {
    let (client, _app, _folder) = api().await;
    let endless = std::io::Cursor::new(vec![b' '; limits::BODY_BYTES + 1]);
    let request = client.post(PATH).header("authorization", format!("Bearer {TOKEN}")).content_type("application/json");
    let response = request.body(Body::from_async_read(endless)).send().await;
    response.assert_status(StatusCode::PAYLOAD_TOO_LARGE);
}

const PLAN: &str = "query P($input: PlanEntriesInput!) { planEntries(input: $input) {
    operation key id fields { path before after } conflict message hint basis owned } }";

const APPLY: &str = "mutation A($input: ApplyEntriesInput!) { applyEntries(input: $input) { __typename
    ... on EntriesApplied { done }
    ... on EntriesRefused { refused { index change { key conflict message } } } } }";

fn apply(manager: &str, lines: &str) -> Value {
    json!({ "input": { "manager": manager, "holder": "test", "intent": {}, "prune": "KEEP", "changes": lines } })
}

async fn plan<E: Endpoint>(client: &TestClient<E>, manager: &str, users: &[Value]) -> Value {
    let lines: Vec<String> = users.iter().map(ToString::to_string).collect();
    let input = json!({ "manager": manager, "kind": "USER", "intent": {}, "entries": lines.join("\n") });
    execute(client, PLAN, json!({ "input": input })).await["planEntries"].take()
}

async fn take_lease<E: Endpoint>(client: &TestClient<E>, manager: &str) {
    let take = "mutation T($manager: String!) { takeSyncLease(manager: $manager, holder: \"test\") { taken } }";
    let taken = execute(client, take, json!({ "manager": manager })).await;
    assert_eq!(taken["takeSyncLease"]["taken"], true);
}

/// Plans and applies.
async fn sync<E: Endpoint>(client: &TestClient<E>, manager: &str, users: &[Value]) {
    take_lease(client, manager).await;
    let changes = plan(client, manager, users).await;
    let line = |(user, change): (&Value, &Value)| {
        json!({ "kind": "user", "basis": change["basis"], "entry": user }).to_string()
    };
    let lines: Vec<String> = users.iter().zip(changes.as_array().unwrap()).map(line).collect();
    let applied = execute(client, APPLY, apply(manager, &lines.join("\n"))).await;
    assert_eq!(applied["applyEntries"]["__typename"], "EntriesApplied", "{applied}");
}

/// As deep as the query that GraphiQL sends.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } types { ...FullType }
    directives { name description locations args { ...InputValue } } } }
    fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue }
        type { ...TypeRef } isDeprecated deprecationReason } inputFields { ...InputValue } interfaces { ...TypeRef }
        enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

#[tokio::test]
async fn jobs_are_listed_triggered_and_looked_into() {
    let (client, app, _folder) = api().await;
    let trigger = "mutation T($name: String!) { triggerJob(name: $name) { __typename \
                   ... on JobTriggered { run { id job state trigger actor } } \
                   ... on JobIsRunning { runId } ... on JobUnknown { names } } }";
    let unknown = execute(&client, trigger, json!({ "name": "nothing" })).await;
    assert_eq!(unknown["triggerJob"]["__typename"], "JobUnknown");
    assert!(unknown["triggerJob"]["names"].as_array().unwrap().contains(&json!("clean-up")));
    let triggered = execute(&client, trigger, json!({ "name": "clean-up" })).await;
    let run = &triggered["triggerJob"]["run"];
    assert_eq!(
        (&run["state"], &run["trigger"], &run["actor"]),
        (&json!("RUNNING"), &json!("OPERATOR"), &json!("admin token"))
    );
    app.jobs.stop(std::time::Duration::from_secs(60)).await;
    let query = "query Q($id: ID!, $since: DateTime) { jobs { name about everySeconds running lastRun { id state } } \
                 jobRun(id: $id) { state tookMs counts { name count } error } jobLog(runId: $id) { number message } \
                 jobRuns(job: \"clean-up\", state: OK, since: $since) { nodes { id } hasNextPage } }";
    let found = execute(&client, query, json!({ "id": run["id"], "since": "2026-11-23T11:00:00Z" })).await;
    assert_eq!(found["jobRun"]["state"], "OK", "{found:#}");
    assert_eq!(found["jobRuns"], json!({ "nodes": [{ "id": run["id"] }], "hasNextPage": false }));
    let job = &found["jobs"][0];
    assert_eq!((&job["name"], &job["running"], &job["lastRun"]["id"]), (&json!("clean-up"), &json!(false), &run["id"]));
    let later = execute(&client, query, json!({ "id": run["id"], "since": "2026-11-23T11:00:01Z" })).await;
    assert_eq!(later["jobRuns"]["nodes"], json!([]));
    let (code, _) = refused(&client, query, json!({ "id": run["id"], "since": "yesterday" })).await;
    assert_eq!(code, "BAD_INPUT");
    let (code, message) = refused(&client, trigger, json!({ "name": "clean-up" })).await;
    assert_eq!((code.as_str(), message.contains("shutting down")), ("UNAVAILABLE", true), "{message}");
}

#[tokio::test]
async fn runs_are_cancelled_while_they_are_under_way() {
    let (client, app, _folder) = api().await;
    let cancel = "mutation C($id: ID!) { cancelJob(id: $id) { __typename ... on JobCancelled { run { state cancelledBy } } \
                  ... on JobHasEnded { run { state cancelledBy } } ... on JobRunNotFound { id } } }";
    let unknown = execute(&client, cancel, json!({ "id": "nothing" })).await;
    assert_eq!(unknown["cancelJob"], json!({ "__typename": "JobRunNotFound", "id": "nothing" }));
    let job = ScheduledJob {
        name: "long".to_owned(),
        about: String::new(),
        every_seconds: 600,
        next_at: app.now(),
        succeeded_at: None,
        running: None,
    };
    app.store.jobs().enter(&job).await.unwrap();
    // On another replica.
    let run = JobRun {
        id: JobRunId::generate(),
        job: job.name.clone(),
        trigger: JobTrigger::Schedule,
        actor: None,
        replica: "elsewhere/1".to_owned(),
        state: JobState::Running,
        started_at: app.now(),
        finished_at: None,
        took_ms: None,
        counts: JobCounts::default(),
        error: None,
        cancelled_by: None,
    };
    assert!(app.store.take_job(&job, &run).await.unwrap());
    let id = run.id.as_str();
    let asked = execute(&client, cancel, json!({ "id": id })).await;
    let wanted = json!({ "__typename": "JobCancelled", "run": { "state": "RUNNING", "cancelledBy": "admin token" } });
    assert_eq!(asked["cancelJob"], wanted);
    let outcome = JobOutcome {
        state: JobState::Cancelled,
        finished_at: app.now(),
        took_ms: 7,
        counts: JobCounts::default(),
        error: None,
        next_at: None,
    };
    assert!(app.store.finish_job(&run, &outcome).await.unwrap());
    let ended = execute(&client, cancel, json!({ "id": id })).await;
    let wanted = json!({ "__typename": "JobHasEnded", "run": { "state": "CANCELLED", "cancelledBy": "admin token" } });
    assert_eq!(ended["cancelJob"], wanted);
}

#[tokio::test]
async fn replicas_are_listed() {
    let (client, app, _folder) = api().await;
    app.store.replicas().note(&app.replica).await.unwrap();
    let found =
        execute(&client, "{ replicas { name version rootKey present answering } keys { kid } }", json!({})).await;
    let replica = &found["replicas"][0];
    assert_eq!((&replica["present"], &replica["answering"]), (&json!(true), &json!(true)), "{found:#}");
    assert_eq!(replica["rootKey"], json!(app.store.signing_keys().all().await.unwrap()[0].root));
}
