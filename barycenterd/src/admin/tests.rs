//! The admin API as its callers see it: who is let in, what is refused before it runs, and what operations answer.

use barycenter_core::secret::Secret;
use poem::http::StatusCode;
use poem::test::TestClient;
use poem::{Body, Endpoint};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::testing::test_app;

const TOKEN: &str = "bat_test-token";
const PATH: &str = "/admin/graphql";

/// Fields of a change that the tests look at.
const CHANGE: &str = "operation key conflict basis owned fields { path before after }";

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
    for body in ["", "null", "{", "\"query\"", "{ \"query\": 1 }", &"[".repeat(100_000)] {
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
    let entry = |index: usize| json!({ "user": { "username": format!("user{index}") }, "basis": "absent" });
    let input = json!({ "manager": "a.json", "users": (0..5).map(entry).collect::<Vec<_>>() });
    execute(&client, &apply(), json!({ "input": input })).await;
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
    let alice = json!({ "username": "alice", "email": "alice@example.com", "password": "correct horse", "properties": { "role": "member" } });
    let input = json!({ "manager": "a.json", "users": [alice] });
    let plan = execute(&client, &plan(), json!({ "input": input })).await;
    let change = &plan["planUsers"][0];
    assert_eq!(
        (&change["operation"], &change["key"], &change["owned"]),
        (&json!("CREATE"), &json!("alice"), &json!(false))
    );
    let password = change["fields"].as_array().unwrap().iter().find(|field| field["path"] == "password").unwrap();
    assert_eq!(password["after"], json!({ "secret": true }));
    assert!(!plan.to_string().contains("correct horse"));

    let planned = json!({ "manager": "a.json", "users": [{ "user": alice, "basis": change["basis"] }] });
    let applied = execute(&client, &apply(), json!({ "input": planned })).await;
    assert_eq!(applied["applyUsers"]["changes"][0]["operation"], "CREATE");
    let again = execute(&client, &apply(), json!({ "input": planned })).await;
    assert_eq!(again["applyUsers"]["changes"][0]["operation"], "UNCHANGED");
    let user = execute(
        &client,
        "{ user(username: \"ALICE\") { username email manager hasPassword properties createdAt } }",
        Value::Null,
    )
    .await;
    let stored = json!({ "username": "alice", "email": "alice@example.com", "manager": "a.json", "hasPassword": true,
        "properties": { "role": "member" }, "createdAt": "2026-11-23T11:00:00Z" });
    assert_eq!(user["user"], stored);

    let stranger = json!({ "manager": "b.json", "users": [{ "user": alice, "basis": "absent" }, { "user": { "username": "bob" }, "basis": "absent" }] });
    let refused = execute(&client, &apply(), json!({ "input": stranger })).await;
    assert_eq!(refused["applyUsers"]["__typename"], "UsersRefused");
    assert_eq!(refused["applyUsers"]["conflicts"][0]["conflict"], "OTHER_MANAGER");
    let counts = execute(
        &client,
        "{ a: managedUserCount(manager: \"a.json\") b: managedUserCount(manager: \"b.json\") }",
        Value::Null,
    )
    .await;
    assert_eq!(counts, json!({ "a": 1, "b": 0 }));
}

#[tokio::test]
async fn faulty_entries_are_all_named_and_never_repeated() {
    let (client, _app, _folder) = api().await;
    let users =
        json!([{ "username": "eve", "pasword": "canary" }, { "username": "" }, { "username": "eve", "password": 7 }]);
    let (code, message) = refused(&client, &plan(), json!({ "input": { "manager": "a.json", "users": users } })).await;
    assert_eq!(code, "BAD_INPUT");
    for text in ["users[0] \"eve\"", "did you mean `password`", "users[1]", "users[2] \"eve\" password"] {
        assert!(message.contains(text), "{text} is not in {message}");
    }
    assert!(!message.contains("canary"), "{message}");
    let twice = json!([{ "username": "eve" }, { "username": "EVE" }]);
    let (_, message) = refused(&client, &plan(), json!({ "input": { "manager": "a.json", "users": twice } })).await;
    assert!(message.contains("duplicate username"), "{message}");
    let many = vec![json!({ "username": "eve" }); 1001];
    let (_, message) = refused(&client, &plan(), json!({ "input": { "manager": "a.json", "users": many } })).await;
    assert!(message.contains("1001 entries are too many"), "{message}");
    let (code, message) =
        refused(&client, &plan(), json!({ "input": { "manager": "a.json", "users": ["canary"] } })).await;
    assert!(code == "BAD_INPUT" && !message.contains("canary"), "{message}");
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
        "grantTypes": ["authorization_code", "refresh_token"], "scopes": ["openid", "profile", "email", "offline_access"] })
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

fn plan() -> String {
    format!("query P($input: PlanUsersInput!) {{ planUsers(input: $input) {{ {CHANGE} }} }}")
}

fn apply() -> String {
    format!(
        "mutation A($input: ApplyUsersInput!) {{ applyUsers(input: $input) {{ __typename
            ... on UsersApplied {{ changes {{ {CHANGE} }} }} ... on UsersRefused {{ conflicts {{ {CHANGE} }} }} }} }}"
    )
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
