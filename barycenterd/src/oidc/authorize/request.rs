//! The authorization request: from parameters to an [`AuthorizationRequest`] that may be relied upon.
//!
//! The order is the rule: first the client and the redirect URI, whose faults are shown on a page; then everything
//! else, whose faults go to the client (RFC 6749 section 4.1.2.1). Where the parameters come from (the browser, a
//! request object, a pushed request) is `source.rs`'s business.

use barycenter_core::config;
use barycenter_core::model::pkce::CodeChallenge;
use barycenter_core::model::{
    AuthorizationRequest, ClaimsRequest, Client, ClientId, GrantType, Prompt, RegisteredRedirectUri, ResponseMode,
    ResponseType, Scope, Scopes,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use crate::oidc::error::{AuthorizeError, DisplayedError, ErrorCode, ProtocolError, RedirectedError};
use crate::oidc::hint::Hint;
use crate::oidc::parameters::Parameters;

/// The longest `state` or `nonce`, in bytes.
const VALUE_BYTES: usize = 4096;

/// The most authentication context classes, or resources, that a request may name.
const LIST: usize = 20;

/// How a request reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::oidc) enum Arrival {
    /// Through the browser.
    Browser,
    /// From the client itself (RFC 9126).
    Pushed,
}

/// What a request is checked against.
pub(super) struct Policy<'a> {
    pub(super) oidc: &'a config::Oidc,
    /// Reads an `id_token_hint`; none if it proves nothing.
    pub(super) read_hint: &'a dyn Fn(&str) -> Option<Hint>,
    pub(super) arrival: Arrival,
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
    let redirect_uri = redirect_uri(parameters, client)?;
    let refused = |error| refusal(parameters, redirect_uri.clone(), error);
    check(parameters, client, policy, redirect_uri.clone()).map_err(refused)
}

/// Returns where the answer to a request goes.
fn redirect_uri(parameters: &Parameters, client: &Client) -> Result<RegisteredRedirectUri, DisplayedError> {
    client.resolve_redirect_uri(parameters.get("redirect_uri")).map_err(|error| {
        DisplayedError::bad_request(format!("The request of {} cannot be answered: {error}.", client.name))
    })
}

/// Returns an error that goes to where the request wants its answer, if that is registered; else it is shown.
pub(super) fn refuse(parameters: &Parameters, client: &Client, error: ProtocolError) -> AuthorizeError {
    match redirect_uri(parameters, client) {
        Ok(redirect_uri) => refusal(parameters, redirect_uri, error),
        Err(mut displayed) => {
            displayed.message = format!("The request of {} is refused: {}.", client.name, error.description);
            displayed.code = Some(error.code);
            AuthorizeError::Displayed(displayed)
        }
    }
}

fn refusal(parameters: &Parameters, redirect_uri: RegisteredRedirectUri, error: ProtocolError) -> AuthorizeError {
    let state = if parameters.is_ambiguous("state") { None } else { parameters.get("state").map(str::to_owned) };
    AuthorizeError::Redirected(Box::new(RedirectedError { redirect_uri, mode: error_mode(parameters), state, error }))
}

/// How the error of a request travels that may not be understood: as its answer would have travelled.
fn error_mode(parameters: &Parameters) -> ResponseMode {
    let response_type = parameters.get("response_type").unwrap_or_default();
    let asks_for_token = response_type.split(' ').any(|word| matches!(word, "token" | "id_token"));
    match parameters.get("response_mode").and_then(ResponseMode::from_name) {
        Some(mode) if !(asks_for_token && mode == ResponseMode::Query) => mode,
        _ if asks_for_token => ResponseMode::Fragment,
        _ => ResponseMode::Query,
    }
}

fn invalid(description: impl AsRef<str>) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidRequest, description)
}

/// Checks what may be answered by redirect.
fn check(
    parameters: &Parameters,
    client: &Client,
    policy: &Policy<'_>,
    redirect_uri: RegisteredRedirectUri,
) -> Result<AuthorizationRequest, ProtocolError> {
    if let Some(name) = parameters.ambiguous().next() {
        return Err(invalid(format!("the parameter {name} is repeated or is not UTF-8")));
    }
    if ["state", "nonce"].iter().any(|name| parameters.get(name).is_some_and(|value| value.len() > VALUE_BYTES)) {
        return Err(invalid("state and nonce may have 4096 bytes at most"));
    }
    require_pushed(client, policy)?;
    let response_type = response_type(parameters, client, policy.oidc)?;
    let scopes = scopes(parameters, client, response_type)?;
    let nonce = parameters.get("nonce").map(str::to_owned);
    // OpenID Connect Core section 3.2.2.1: without it a stolen ID Token could be replayed.
    if response_type.has_id_token() && nonce.is_none() {
        return Err(invalid("nonce is missing: a response that holds an ID Token needs one"));
    }
    if response_type.has_id_token() && !scopes.contains(Scope::OpenId) {
        return Err(ProtocolError::new(ErrorCode::InvalidScope, "an ID Token needs the scope openid"));
    }
    Ok(AuthorizationRequest {
        client_id: client.id.clone(),
        redirect_uri,
        response_type,
        response_mode: response_mode(parameters, response_type)?,
        scopes,
        state: parameters.get("state").map(str::to_owned),
        nonce,
        code_challenge: code_challenge(parameters, client, response_type, policy.oidc.require_pkce)?,
        prompts: prompts(parameters)?,
        max_age: max_age(parameters, client)?,
        expected_subject: expected_subject(parameters, policy)?,
        login_hint: parameters.get("login_hint").map(|hint| hint.chars().take(255).collect()),
        claims: claims(parameters)?,
        acr_values: acr_values(parameters, client)?,
        resources: resources(parameters, client)?,
        dpop_jkt: dpop_jkt(parameters)?,
    })
}

/// RFC 9126 section 5: the operator or the client's registration may demand it.
fn require_pushed(client: &Client, policy: &Policy<'_>) -> Result<(), ProtocolError> {
    let demanded =
        policy.oidc.require_pushed_authorization_requests || client.metadata.require_pushed_authorization_requests;
    if demanded && policy.arrival == Arrival::Browser {
        return Err(invalid("this client must push its authorization requests (RFC 9126): /par gives a request_uri"));
    }
    Ok(())
}

/// Each thing that is not offered has its own error, so that a client knows what to leave out.
fn response_type(parameters: &Parameters, client: &Client, oidc: &config::Oidc) -> Result<ResponseType, ProtocolError> {
    let text = parameters.get("response_type").ok_or_else(|| invalid("response_type is missing"))?;
    let offered = oidc.response_types();
    let response_type = ResponseType::from_request(text).filter(|one| offered.contains(one)).ok_or_else(|| {
        let names = offered.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
        ProtocolError::new(ErrorCode::UnsupportedResponseType, format!("response_type is one of: {names}"))
    })?;
    let unregistered = |what: &str| {
        ProtocolError::new(ErrorCode::UnauthorizedClient, format!("this client is not registered for {what}"))
    };
    if !client.response_types().contains(&response_type) {
        return Err(unregistered(&format!("the response_type {}", response_type.as_str())));
    }
    if response_type.has_code() && !client.grant_types.contains(&GrantType::AuthorizationCode) {
        return Err(unregistered("authorization codes"));
    }
    if parameters.get("registration").is_some() {
        return Err(ProtocolError::new(
            ErrorCode::RegistrationNotSupported,
            "the parameter registration is not supported; register the client",
        ));
    }
    Ok(response_type)
}

fn response_mode(parameters: &Parameters, response_type: ResponseType) -> Result<ResponseMode, ProtocolError> {
    let Some(name) = parameters.get("response_mode") else { return Ok(response_type.default_mode()) };
    let mode = ResponseMode::from_name(name).ok_or_else(|| {
        let names = ResponseMode::ALL.map(ResponseMode::as_str).join(", ");
        invalid(format!("response_mode is one of: {names}"))
    })?;
    if !response_type.permits(mode) {
        return Err(invalid("a response that holds a token does not travel in a query: use fragment or form_post"));
    }
    Ok(mode)
}

/// Scopes that are not known, or that the client may not have, are left out (OpenID Connect Core section 3.1.2.1).
fn scopes(parameters: &Parameters, client: &Client, response_type: ResponseType) -> Result<Scopes, ProtocolError> {
    let requested = Scopes::from_request(parameters.get("scope").unwrap_or_default());
    let granted = requested.intersection(&client.scopes);
    if granted.is_empty() {
        return Err(ProtocolError::new(
            ErrorCode::InvalidScope,
            "the request asks for no scope that this client may have",
        ));
    }
    // offline_access is of use only to a client that can refresh what a code gives (OpenID Connect Core section 11).
    let refreshes = client.grant_types.contains(&GrantType::RefreshToken) && response_type.has_code();
    Ok(if refreshes { granted } else { granted.without(Scope::OfflineAccess) })
}

fn code_challenge(
    parameters: &Parameters,
    client: &Client,
    response_type: ResponseType,
    required: config::RequirePkce,
) -> Result<Option<CodeChallenge>, ProtocolError> {
    if !response_type.has_code() {
        return Ok(None);
    }
    let challenge = CodeChallenge::parse(parameters.get("code_challenge"), parameters.get("code_challenge_method"))
        .map_err(|error| invalid(error.to_string()))?;
    let configured = client.metadata.require_pkce.unwrap_or(required == config::RequirePkce::All);
    if (client.is_public() || configured) && challenge.is_none() {
        return Err(invalid("this client must use PKCE: code_challenge is missing (RFC 7636)"));
    }
    Ok(challenge)
}

fn prompts(parameters: &Parameters) -> Result<Vec<Prompt>, ProtocolError> {
    let prompts = parameters
        .get("prompt")
        .unwrap_or_default()
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(|name| Prompt::from_name(name).ok_or_else(|| invalid(format!("there is no prompt {name}"))))
        .collect::<Result<Vec<_>, _>>()?;
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(invalid("prompt none cannot be combined with others"));
    }
    Ok(prompts)
}

fn max_age(parameters: &Parameters, client: &Client) -> Result<Option<i64>, ProtocolError> {
    let Some(text) = parameters.get("max_age") else { return Ok(client.metadata.default_max_age.map(i64::from)) };
    let seconds = text.parse().ok().filter(|seconds| *seconds >= 0);
    seconds.map(Some).ok_or_else(|| invalid("max_age is not a number of seconds"))
}

/// An `id_token_hint` is believed if we signed it, whatever its age (OpenID Connect Core section 3.1.2.1).
fn expected_subject(parameters: &Parameters, policy: &Policy<'_>) -> Result<Option<String>, ProtocolError> {
    let Some(text) = parameters.get("id_token_hint") else { return Ok(None) };
    let hint = (policy.read_hint)(text);
    let hint = hint.ok_or_else(|| invalid("id_token_hint is not an ID Token of this provider"))?;
    Ok(Some(hint.subject))
}

fn claims(parameters: &Parameters) -> Result<ClaimsRequest, ProtocolError> {
    let Some(text) = parameters.get("claims") else { return Ok(ClaimsRequest::default()) };
    ClaimsRequest::parse(text).map_err(|error| invalid(error.to_string()))
}

fn acr_values(parameters: &Parameters, client: &Client) -> Result<Vec<String>, ProtocolError> {
    let Some(text) = parameters.get("acr_values") else { return Ok(client.metadata.default_acr_values.clone()) };
    let values: Vec<String> = text.split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect();
    if values.len() > LIST {
        return Err(invalid(format!("acr_values may name {LIST} classes at most")));
    }
    Ok(values)
}

/// A resource is an absolute URI without a fragment that the client is registered for (RFC 8707 section 2).
fn resources(parameters: &Parameters, client: &Client) -> Result<Vec<String>, ProtocolError> {
    let resources: Vec<String> = parameters.all("resource").map(str::to_owned).collect();
    let target = |description| ProtocolError::new(ErrorCode::InvalidTarget, description);
    if resources.len() > LIST {
        return Err(target("the request names too many resources"));
    }
    if resources.iter().any(|resource| resource.contains('#') || Url::parse(resource).is_err()) {
        return Err(target("a resource is an absolute URI without a fragment"));
    }
    if resources.iter().any(|resource| !client.metadata.resources.contains(resource)) {
        return Err(target("the resource is not one of those that this client is registered for"));
    }
    Ok(resources)
}

/// RFC 9449 section 10: the SHA-256 thumbprint of a key.
fn dpop_jkt(parameters: &Parameters) -> Result<Option<String>, ProtocolError> {
    let Some(text) = parameters.get("dpop_jkt") else { return Ok(None) };
    if URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32) {
        return Ok(Some(text.to_owned()));
    }
    Err(invalid("dpop_jkt is not the base64url form of a SHA-256 thumbprint: 43 characters"))
}
