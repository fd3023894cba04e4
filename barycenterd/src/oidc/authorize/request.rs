//! The authorization request: from parameters to an [`AuthorizationRequest`] that may be relied upon.
//!
//! The order is the rule: first the client and the redirect URI, whose faults are shown on a page; then everything
//! else, whose faults go to the client (RFC 6749 section 4.1.2.1).

use barycenter_core::config::RequirePkce;
use barycenter_core::keyring::Keyring;
use barycenter_core::model::pkce::CodeChallenge;
use barycenter_core::model::{
    AuthorizationRequest, Client, ClientId, GrantType, Prompt, RegisteredRedirectUri, Scope, Scopes, UserId,
};

use crate::oidc::error::{AuthorizeError, DisplayedError, ErrorCode, ProtocolError, RedirectedError};
use crate::oidc::parameters::Parameters;

/// The longest `state` or `nonce`, in bytes.
const VALUE_BYTES: usize = 4096;

/// What a request is checked against.
pub(super) struct Policy<'a> {
    pub(super) issuer: &'a str,
    pub(super) require_pkce: RequirePkce,
    pub(super) keyring: &'a Keyring,
}

/// Returns the client that a request names; it is not yet believed.
pub(super) fn client_id(parameters: &Parameters) -> Result<ClientId, DisplayedError> {
    for name in ["client_id", "redirect_uri"] {
        if parameters.is_ambiguous(name) {
            return Err(DisplayedError::bad_request(format!(
                "The request holds the parameter {name} more than once, or garbled."
            )));
        }
    }
    let id = parameters.get("client_id");
    id.map(ClientId::new).ok_or_else(|| {
        DisplayedError::bad_request("The request does not say which application it comes from (client_id is missing).")
    })
}

/// Checks everything.
pub(super) fn parse(
    parameters: &Parameters,
    client: &Client,
    policy: &Policy<'_>,
) -> Result<AuthorizationRequest, AuthorizeError> {
    let redirect_uri = client.resolve_redirect_uri(parameters.get("redirect_uri")).map_err(|error| {
        DisplayedError::bad_request(format!("The request of {} cannot be answered: {error}.", client.name))
    })?;
    let state = if parameters.is_ambiguous("state") { None } else { parameters.get("state").map(str::to_owned) };
    check(parameters, client, policy, redirect_uri.clone())
        .map_err(|error| AuthorizeError::Redirected(Box::new(RedirectedError { redirect_uri, state, error })))
}

/// Checks what may be answered by redirect.
fn check(
    parameters: &Parameters,
    client: &Client,
    policy: &Policy<'_>,
    redirect_uri: RegisteredRedirectUri,
) -> Result<AuthorizationRequest, ProtocolError> {
    let invalid = |description: &str| Err(ProtocolError::new(ErrorCode::InvalidRequest, description));
    if let Some(name) = parameters.ambiguous().next() {
        return invalid(&format!("the parameter {name} is repeated or is not UTF-8"));
    }
    if ["state", "nonce"].iter().any(|name| parameters.get(name).is_some_and(|value| value.len() > VALUE_BYTES)) {
        return invalid("state and nonce may have 4096 bytes at most");
    }
    refuse_unsupported(parameters)?;
    if !client.grant_types.contains(&GrantType::AuthorizationCode) {
        return Err(ProtocolError::new(
            ErrorCode::UnauthorizedClient,
            "this client is not registered for authorization codes",
        ));
    }
    Ok(AuthorizationRequest {
        client_id: client.id.clone(),
        redirect_uri,
        scopes: scopes(parameters, client)?,
        state: parameters.get("state").map(str::to_owned),
        nonce: parameters.get("nonce").map(str::to_owned),
        code_challenge: code_challenge(parameters, client, policy.require_pkce)?,
        prompts: prompts(parameters)?,
        max_age: max_age(parameters)?,
        expected_subject: expected_subject(parameters, policy)?,
        login_hint: parameters.get("login_hint").map(|hint| hint.chars().take(255).collect()),
        dpop_jkt: None,
        resources: Vec::new(),
    })
}

/// Each thing that is not offered has its own error, so that a client knows what to leave out.
fn refuse_unsupported(parameters: &Parameters) -> Result<(), ProtocolError> {
    let refuse = |code, description| Err(ProtocolError::new(code, description));
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => return refuse(ErrorCode::UnsupportedResponseType, "the only response_type is code"),
        None => return refuse(ErrorCode::InvalidRequest, "response_type is missing"),
    }
    if parameters.get("response_mode").is_some_and(|mode| mode != "query") {
        return refuse(ErrorCode::InvalidRequest, "the only response_mode is query");
    }
    for (name, code) in [
        ("request", ErrorCode::RequestNotSupported),
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("registration", ErrorCode::RegistrationNotSupported),
    ] {
        if parameters.get(name).is_some() {
            return refuse(code, "this parameter is not supported; send the parameters of the request themselves");
        }
    }
    Ok(())
}

/// Scopes that are not known, or that the client may not have, are left out (OpenID Connect Core section 3.1.2.1).
fn scopes(parameters: &Parameters, client: &Client) -> Result<Scopes, ProtocolError> {
    let requested = Scopes::from_request(parameters.get("scope").unwrap_or_default());
    let granted = requested.intersection(&client.scopes);
    if granted.is_empty() {
        return Err(ProtocolError::new(
            ErrorCode::InvalidScope,
            "the request asks for no scope that this client may have",
        ));
    }
    // offline_access is of use only to a client that can refresh (OpenID Connect Core section 11).
    let refreshes = client.grant_types.contains(&GrantType::RefreshToken);
    Ok(if refreshes { granted } else { granted.without(Scope::OfflineAccess) })
}

fn code_challenge(
    parameters: &Parameters,
    client: &Client,
    required: RequirePkce,
) -> Result<Option<CodeChallenge>, ProtocolError> {
    let challenge = CodeChallenge::parse(parameters.get("code_challenge"), parameters.get("code_challenge_method"))
        .map_err(|error| ProtocolError::new(ErrorCode::InvalidRequest, error.to_string()))?;
    let needed = client.is_public() || required == RequirePkce::All;
    if needed && challenge.is_none() {
        return Err(ProtocolError::new(
            ErrorCode::InvalidRequest,
            "this client must use PKCE: code_challenge is missing (RFC 7636)",
        ));
    }
    Ok(challenge)
}

fn prompts(parameters: &Parameters) -> Result<Vec<Prompt>, ProtocolError> {
    let invalid = |description: String| ProtocolError::new(ErrorCode::InvalidRequest, description);
    let prompts = parameters
        .get("prompt")
        .unwrap_or_default()
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(|name| Prompt::from_name(name).ok_or_else(|| invalid(format!("there is no prompt {name}"))))
        .collect::<Result<Vec<_>, _>>()?;
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(invalid("prompt none cannot be combined with others".to_owned()));
    }
    Ok(prompts)
}

fn max_age(parameters: &Parameters) -> Result<Option<i64>, ProtocolError> {
    let Some(text) = parameters.get("max_age") else { return Ok(None) };
    let seconds = text.parse().ok().filter(|seconds| *seconds >= 0);
    seconds.map(Some).ok_or_else(|| ProtocolError::new(ErrorCode::InvalidRequest, "max_age is not a number of seconds"))
}

/// An `id_token_hint` is believed if we signed it, whatever its age (OpenID Connect Core section 3.1.2.1).
fn expected_subject(parameters: &Parameters, policy: &Policy<'_>) -> Result<Option<UserId>, ProtocolError> {
    let Some(hint) = parameters.get("id_token_hint") else { return Ok(None) };
    let claims = policy.keyring.verify_signature(hint);
    let subject = claims
        .filter(|claims| claims.get("iss").and_then(|issuer| issuer.as_str()) == Some(policy.issuer))
        .and_then(|claims| Some(UserId::new(claims.get("sub")?.as_str()?)));
    match subject {
        Some(subject) => Ok(Some(subject)),
        None => Err(ProtocolError::new(ErrorCode::InvalidRequest, "id_token_hint is not an ID Token of this provider")),
    }
}
