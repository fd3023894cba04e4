//! Relying parties: a registered client with the requests it makes by hand, and the same sign-in done by
//! openid-client and Chromium (`relying-party/login.mjs`).

use std::collections::HashMap;

use reqwest::Response;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use url::Url;

use crate::Deployment;
use crate::program;

/// A code verifier and its S256 challenge: the pair of RFC 7636, appendix B.
pub const CODE_VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The challenge that belongs to [`CODE_VERIFIER`].
pub const CODE_CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client as its owner knows it.
#[derive(Debug, Clone)]
pub struct Client {
    /// Who it trusts to sign people in.
    pub issuer: String,
    /// Its identifier.
    pub id: String,
    /// Its secret; absent for a public client.
    pub secret: Option<String>,
    /// Where its requests go: the issuer, or one replica of it.
    pub server: String,
    /// Its only redirect URI.
    pub redirect_uri: String,
    http: reqwest::Client,
}

impl Client {
    /// Registers a client named `id` with a secret, through `baryctl --direct`.
    pub async fn register(deployment: &Deployment, id: &str) -> Self {
        let redirect_uri = deployment.redirect_uri();
        let created = deployment.direct(&["clients", "create", id, "--redirect-uri", &redirect_uri]).await.exited(0);
        Self::new(deployment, id, Some(created.stdout.trim().to_owned()))
    }

    /// Registers a public client.
    pub async fn register_public(deployment: &Deployment, id: &str) -> Self {
        let redirect_uri = deployment.redirect_uri();
        deployment
            .direct(&["clients", "create", id, "--redirect-uri", &redirect_uri, "--auth", "none"])
            .await
            .exited(0);
        Self::new(deployment, id, None)
    }

    /// Returns the same client, talking to another replica.
    pub fn through(&self, server: String) -> Self {
        Self { server, ..self.clone() }
    }

    /// Names a client that may or may not be registered.
    pub fn new(deployment: &Deployment, id: &str, secret: Option<String>) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().expect("an HTTP client");
        Self {
            issuer: deployment.issuer(),
            server: deployment.issuer(),
            id: id.to_owned(),
            secret,
            redirect_uri: deployment.redirect_uri(),
            http,
        }
    }

    /// Returns the address of an authorization request with PKCE; `changes` replace or add parameters, and an empty
    /// value takes one away.
    pub fn authorization_request(&self, changes: &[(&str, &str)]) -> String {
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", "openid profile email"),
            ("state", "a state"),
            ("nonce", "a nonce"),
            ("code_challenge", CODE_CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            parameters.retain(|(known, _)| known != name);
            if !value.is_empty() {
                parameters.push((name, value));
            }
        }
        let address = format!("{}/authorize", self.issuer);
        Url::parse_with_params(&address, parameters).expect("the issuer is a URL").into()
    }

    /// Redeems a code with [`CODE_VERIFIER`] and the client's own secret.
    pub async fn redeem(&self, code: &str) -> Response {
        self.redeem_with(code, CODE_VERIFIER, self.secret.as_deref()).await
    }

    /// Redeems a code with the given verifier and secret (HTTP Basic).
    pub async fn redeem_with(&self, code: &str, verifier: &str, secret: Option<&str>) -> Response {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", verifier),
        ];
        let request = self.http.post(format!("{}/token", self.server));
        let request = match secret {
            Some(secret) => request.basic_auth(&self.id, Some(secret)),
            None => {
                form.push(("client_id", &self.id));
                request
            }
        };
        request.form(&form).send().await.expect("the server answers")
    }

    /// Posts a form as this client and returns status and answer.
    pub async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> (u16, Value) {
        let answer = self.send(path, pairs).await;
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// Posts a form as this client, by its secret (HTTP Basic) or its id alone.
    pub async fn send(&self, path: &str, pairs: &[(&str, &str)]) -> Response {
        let mut form = pairs.to_vec();
        let request = self.http.post(format!("{}{path}", self.server));
        let request = match &self.secret {
            Some(secret) => request.basic_auth(&self.id, Some(secret)),
            None => {
                form.push(("client_id", &self.id));
                request
            }
        };
        request.form(&form).send().await.expect("the server answers")
    }

    /// Asks for the claims that belong to an access token.
    pub async fn userinfo(&self, access_token: &str) -> Response {
        self.http
            .get(format!("{}/userinfo", self.server))
            .bearer_auth(access_token)
            .send()
            .await
            .expect("the server answers")
    }

    /// Signs a person in with openid-client and Chromium and returns what both saw; see `login.mjs` for the fields
    /// and for what `extra` may add.
    pub async fn sign_in_with_browser(
        &self,
        deployment: &Deployment,
        username: &str,
        password: &str,
        extra: Value,
    ) -> Value {
        let mut given = json!({
            "issuer": self.issuer,
            "clientId": self.id,
            "clientSecret": self.secret,
            "redirectUri": self.redirect_uri,
            "scope": "openid profile email",
            "username": username,
            "password": password,
            "javaScript": true,
            "pictures": program::environment("BARYCENTER_TEST_PICTURES"),
        });
        if let (Some(given), Value::Object(extra)) = (given.as_object_mut(), extra) {
            given.extend(extra);
        }
        run_script(deployment, "login.mjs", &given).await
    }
}

/// Runs a script of `relying-party/` with this on its stdin and returns what it saw.
pub async fn run_script(deployment: &Deployment, name: &str, given: &Value) -> Value {
    let script = program::repository().join("tests/relying-party").join(name);
    assert!(
        script.with_file_name("node_modules").is_dir(),
        "tests/relying-party/node_modules is missing; run tests/provision.sh, or `make test`"
    );
    let command = deployment.command("node", &[script.to_str().expect("UTF-8")]);
    program::run(command, Some(&given.to_string())).await.exited(0).json()
}

/// Returns the parameters of an authorization response.
pub fn parameters(returned: &Url) -> HashMap<String, String> {
    returned.query_pairs().into_owned().collect()
}

/// Returns the code of an authorization response.
#[track_caller]
pub fn code(returned: &Url) -> String {
    match parameters(returned).remove("code") {
        Some(code) => code,
        None => panic!("no code in {returned}"),
    }
}
