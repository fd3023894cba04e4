//! `private_key_jwt` and `client_secret_jwt` (OpenID Connect Core section 9, RFC 7523 section 3): a client proves who
//! it is by a JWT that it has made for us, and uses once.

use barycenter_core::model::{Client, ClientAlgorithm, ClientAuthenticationMethod, Timestamp};
use barycenter_core::store::StoreError;

use crate::app::App;
use crate::oidc::client_jwt::ClientJwt;
use crate::oidc::client_keys;

/// What `client_assertion_type` says.
pub(super) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead an assertion may expire, in seconds: so long is its `jti` remembered.
const LONGEST_LIFE: i64 = 3600;
/// How far clocks may differ, in seconds.
const SKEW: i64 = 30;
/// The longest `jti`, in bytes.
const LONGEST_ID: usize = 512;

/// Returns whose assertion this claims to be; nothing about it has been checked.
pub(super) fn claimed_client(assertion: &str) -> Option<String> {
    ClientJwt::read(assertion)?.text_claim("sub").map(str::to_owned)
}

/// Returns whether an assertion proves that its sender is this client. One that does is used up.
pub(super) async fn proves(app: &App, client: &Client, assertion: &str) -> Result<bool, StoreError> {
    let Some(jwt) = ClientJwt::read(assertion) else { return Ok(false) };
    let Some(expires_at) = claims_fit(app.config.server.public_base_url.as_str(), client, &jwt, app.now()) else {
        return Ok(false);
    };
    let Some(jti) = jwt.text_claim("jti") else { return Ok(false) };
    if !algorithm_fits(client, jwt.algorithm()) || !is_signed(app, client, &jwt).await {
        return Ok(false);
    }
    app.store.used_ids().first_use("client assertion", client.id.as_str(), jti, expires_at.plus(SKEW)).await
}

/// Checks everything that the assertion says; returns when it expires.
pub(super) fn claims_fit(issuer: &str, client: &Client, jwt: &ClientJwt<'_>, now: Timestamp) -> Option<Timestamp> {
    let id = client.id.as_str();
    // A JWT of another kind is no assertion (RFC 8725 section 3.11).
    let typed = jwt.is_typed(&["", "jwt", "client-authentication+jwt"]);
    let own = jwt.text_claim("iss") == Some(id) && jwt.text_claim("sub") == Some(id);
    let token_endpoint = format!("{issuer}/token");
    // All of the audience is us: what another server would take as well, another server may have sent on.
    let audience = jwt.audience();
    let ours = !audience.is_empty() && audience.iter().all(|one| *one == issuer || *one == token_endpoint);
    let now = now.as_unix();
    let expires_at = jwt.time_claim("exp")?;
    let timely = expires_at > now.saturating_sub(SKEW) && expires_at <= now.saturating_add(LONGEST_LIFE);
    let begun = ["nbf", "iat"]
        .iter()
        .all(|name| jwt.time_claim(name).map_or(!jwt.claims().contains_key(*name), |time| time <= now + SKEW));
    let named = jwt.text_claim("jti").is_some_and(|jti| !jti.is_empty() && jti.len() <= LONGEST_ID);
    (typed && own && ours && timely && begun && named).then(|| Timestamp::from_unix(expires_at))
}

/// The method decides about the kind of key, the registration about the algorithm: never the JWT alone.
fn algorithm_fits(client: &Client, algorithm: ClientAlgorithm) -> bool {
    let symmetric = client.authentication_method == ClientAuthenticationMethod::ClientSecretJwt;
    let registered = client.metadata.token_endpoint_auth_signing_alg;
    algorithm.is_symmetric() == symmetric && registered.is_none_or(|registered| registered == algorithm)
}

async fn is_signed(app: &App, client: &Client, jwt: &ClientJwt<'_>) -> bool {
    match client.authentication_method {
        ClientAuthenticationMethod::PrivateKeyJwt => client_keys::has_signed(app, client, jwt).await,
        ClientAuthenticationMethod::ClientSecretJwt => {
            let sealed = client.sealed_secret.as_deref();
            let secret = sealed.and_then(|sealed| app.client_secrets.open(client.id.as_str(), sealed));
            secret.is_some_and(|secret| jwt.is_authenticated_by(secret.expose()))
        }
        _ => false,
    }
}
