//! What a client says about itself, checked (RFC 7591 section 2, OpenID Connect Dynamic Client Registration section 2).
//!
//! What we do not know is passed over, as the specifications demand; what we know and cannot do is refused: a client
//! that asked for encryption must not get clear text.

use barycenter_core::model::client::ClientFault;
use barycenter_core::model::{
    ApplicationType, Client, ClientAuthenticationMethod, ClientId, ClientMetadata, GrantType, ResponseType, Scopes,
    Timestamp,
};
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::app::App;
use crate::oidc::error::{ErrorCode, ProtocolError};

/// Metadata that only an operator decides about.
const OPERATORS: [&str; 6] =
    ["require_pkce", "access_token_format", "resources", "resource_server", "required_groups", "consent_lifetime"];

/// Metadata that asks for something that does not exist here.
const UNSUPPORTED: [&str; 8] = [
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "tls_client_auth_subject_dn",
    "tls_client_certificate_bound_access_tokens",
];

/// The grants that a client may register for by itself.
const GRANTS: [GrantType; 5] = [
    GrantType::AuthorizationCode,
    GrantType::RefreshToken,
    GrantType::ClientCredentials,
    GrantType::DeviceCode,
    GrantType::Implicit,
];

/// The most values of one list.
const MOST: usize = 50;
/// The longest text, in bytes; addresses have a limit of their own.
const LONGEST: usize = 2048;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 255;

fn invalid(text: impl AsRef<str>) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidClientMetadata, text)
}

/// Reads what a client says about itself, and checks it.
pub(super) async fn client(app: &App, id: ClientId, body: &Value) -> Result<Client, ProtocolError> {
    let client = read(id, body, app.now())?;
    check(app, &client)?;
    check_sector(app, &client).await?;
    Ok(client)
}

/// Reads what a client says about itself.
pub(in crate::oidc) fn read(id: ClientId, body: &Value, now: Timestamp) -> Result<Client, ProtocolError> {
    let said = body.as_object().ok_or_else(|| invalid("the body is not a JSON object"))?;
    if said.contains_key("software_statement") {
        // RFC 7591 section 2.3: we trust nobody's statements, and say so.
        let text = "software statements are not accepted; send the metadata themselves";
        return Err(ProtocolError::new(ErrorCode::UnapprovedSoftwareStatement, text));
    }
    if let Some(name) = UNSUPPORTED.iter().find(|name| is_asked(said, name)) {
        return Err(invalid(format!("{name} is not supported")));
    }
    let metadata = further(said)?;
    let client = Client {
        authentication_method: method(said)?,
        redirect_uris: texts(said, "redirect_uris")?.unwrap_or_default(),
        post_logout_redirect_uris: texts(said, "post_logout_redirect_uris")?.unwrap_or_default(),
        grant_types: grants(said)?,
        scopes: scopes(said)?,
        metadata,
        ..Client::new(id, "", now)
    };
    Ok(Client { name: name(said, &client)?, ..client })
}

/// Returns whether something is asked for: `false` and `none` are not.
fn is_asked(said: &Map<String, Value>, name: &str) -> bool {
    !matches!(said.get(name), None | Some(Value::Null | Value::Bool(false)))
}

fn text<'a>(said: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, ProtocolError> {
    match said.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.len() <= LONGEST => Ok(Some(text)),
        Some(_) => Err(invalid(format!("{name} is not a text of at most {LONGEST} bytes"))),
    }
}

fn texts(said: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, ProtocolError> {
    let wrong = || {
        let code =
            if name == "redirect_uris" { ErrorCode::InvalidRedirectUri } else { ErrorCode::InvalidClientMetadata };
        ProtocolError::new(code, format!("{name} is not a list of at most {MOST} texts"))
    };
    let items = match said.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(items)) if items.len() <= MOST => items,
        Some(_) => return Err(wrong()),
    };
    let texts = items.iter().map(|item| item.as_str().filter(|text| text.len() <= LONGEST).map(str::to_owned));
    texts.collect::<Option<_>>().map(Some).ok_or_else(wrong)
}

/// The name that users see: one line, and nothing that turns the text around.
fn name(said: &Map<String, Value>, client: &Client) -> Result<String, ProtocolError> {
    let hidden = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    match text(said, "client_name")?.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) if name.len() > LONGEST_NAME || name.chars().any(hidden) => {
            Err(invalid(format!("client_name is longer than {LONGEST_NAME} bytes, or holds invisible characters")))
        }
        Some(name) => Ok(name.to_owned()),
        // Users must be able to tell who asks.
        None => {
            let host = client.redirect_uris.first().and_then(|uri| Url::parse(uri).ok()?.host_str().map(str::to_owned));
            Ok(host.unwrap_or_else(|| client.id.to_string()))
        }
    }
}

fn method(said: &Map<String, Value>) -> Result<ClientAuthenticationMethod, ProtocolError> {
    let Some(name) = text(said, "token_endpoint_auth_method")? else {
        return Ok(ClientAuthenticationMethod::ClientSecretBasic);
    };
    ClientAuthenticationMethod::from_name(name)
        .ok_or_else(|| invalid("token_endpoint_auth_method is not one of those that discovery lists"))
}

fn grants(said: &Map<String, Value>) -> Result<Vec<GrantType>, ProtocolError> {
    let Some(names) = texts(said, "grant_types")? else { return Ok(vec![GrantType::AuthorizationCode]) };
    let mut grants = Vec::new();
    for name in &names {
        let grant = GrantType::from_name(name).filter(|grant| GRANTS.contains(grant));
        let grant = grant.ok_or_else(|| invalid("grant_types names a grant that clients cannot register for"))?;
        if !grants.contains(&grant) {
            grants.push(grant);
        }
    }
    Ok(grants)
}

/// Scopes that are not known are passed over; without any, the client may ask for all that speak of its users.
fn scopes(said: &Map<String, Value>) -> Result<Scopes, ProtocolError> {
    let Some(names) = text(said, "scope")?.filter(|names| !names.trim().is_empty()) else { return Ok(Scopes::all()) };
    let scopes = Scopes::from_request(names);
    if scopes.is_empty() { Err(invalid("scope names nothing that discovery lists")) } else { Ok(scopes) }
}

/// Reads what [`ClientMetadata`] holds.
fn further(said: &Map<String, Value>) -> Result<ClientMetadata, ProtocolError> {
    let ours = |name: &str| ClientMetadata::FIELDS.contains(&name) && !OPERATORS.contains(&name);
    let mut known: Map<String, Value> =
        said.iter().filter(|(name, _)| ours(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    for value in known.values() {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let long = value.as_str().is_some_and(|text| text.len() > LONGEST)
            || items.iter().any(|item| item.as_str().is_some_and(|text| text.len() > LONGEST));
        if long || items.len() > MOST {
            return Err(invalid("a value is too long, or a list has too many values"));
        }
    }
    // The words of a response type may stand in any order.
    if let Some(Value::Array(types)) = known.get_mut("response_types") {
        for one in types {
            if let Some(known) = one.as_str().and_then(ResponseType::from_request) {
                *one = Value::from(known.as_str());
            }
        }
    }
    // What is the default has its own spelling for "nothing".
    if known.get("userinfo_signed_response_alg").and_then(Value::as_str) == Some("none") {
        known.remove("userinfo_signed_response_alg");
    }
    ClientMetadata::from_map(&known).map_err(|faults| invalid(faults.join("; ")))
}

/// Checks what a stranger may not do, besides what nobody may.
fn check(app: &App, client: &Client) -> Result<(), ProtocolError> {
    let native = client.metadata.application_type == ApplicationType::Native;
    for uri in client.redirect_uris.iter().chain(&client.post_logout_redirect_uris) {
        if !is_own_address(uri, native) {
            return Err(ProtocolError::new(
                ErrorCode::InvalidRedirectUri,
                "a redirect URI must be https; native applications may use a loopback address or a scheme of their own, such as com.example.app",
            ));
        }
    }
    // A native application may have a scheme of its own however it proves who it is.
    let judged = Client {
        authentication_method: if native { ClientAuthenticationMethod::None } else { client.authentication_method },
        ..client.clone()
    };
    let about_uris = judged.faults().into_iter().find(ClientFault::is_about_redirect_uris);
    if let Some(fault) = about_uris {
        return Err(ProtocolError::new(ErrorCode::InvalidRedirectUri, fault.to_string()));
    }
    if let Some(fault) = client.faults().into_iter().find(|fault| !fault.is_about_redirect_uris()) {
        return Err(invalid(fault.to_string()));
    }
    let offered = app.config.oidc.response_types();
    if client.response_types().iter().any(|one| !offered.contains(one)) && client.may_use(GrantType::AuthorizationCode)
    {
        return Err(invalid("response_types names one that discovery does not list"));
    }
    if client.may_use(GrantType::Implicit) && offered.iter().all(|one| *one == ResponseType::Code) {
        return Err(invalid("grant_types names implicit, which discovery does not list"));
    }
    let metadata = &client.metadata;
    let signed = [metadata.id_token_signed_response_alg, metadata.userinfo_signed_response_alg];
    if signed.into_iter().flatten().any(|wanted| !app.keyring.algorithms().contains(&wanted)) {
        return Err(invalid("a signing algorithm is not one that discovery lists"));
    }
    let fetched = [&metadata.jwks_uri, &metadata.sector_identifier_uri, &metadata.backchannel_logout_uri];
    for uri in fetched.into_iter().flatten().chain(&metadata.request_uris) {
        let inner = Url::parse(uri).map_or(true, |url| app.outbound.refuses(&url));
        if inner {
            return Err(invalid("an address that we are to fetch, or to call, is not public"));
        }
    }
    let pages = [&metadata.logo_uri, &metadata.client_uri, &metadata.policy_uri, &metadata.tos_uri];
    let calls = [&metadata.frontchannel_logout_uri, &metadata.backchannel_logout_uri];
    if pages.into_iter().chain(calls).flatten().any(|uri| !uri.starts_with("https://")) {
        return Err(invalid("addresses of pages and of logout must be https"));
    }
    Ok(())
}

/// Returns whether an application of this kind may be sent there (RFC 8252 sections 7 and 8.4).
fn is_own_address(uri: &str, native: bool) -> bool {
    let Ok(url) = Url::parse(uri) else { return true };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => true,
        "http" => native && loopback,
        own => native && own.contains('.'),
    }
}

/// The list at `sector_identifier_uri` must hold every redirect URI (OpenID Connect Dynamic Client Registration
/// section 5).
async fn check_sector(app: &App, client: &Client) -> Result<(), ProtocolError> {
    let Some(address) = &client.metadata.sector_identifier_uri else { return Ok(()) };
    let unread = |reason: &str| invalid(format!("sector_identifier_uri cannot be read: {reason}"));
    let url = Url::parse(address).map_err(|_| unread("it is not an address"))?;
    let answer = app.outbound.get(&url, "application/json").await.map_err(|error| {
        tracing::info!(address, %error, "a sector identifier could not be fetched");
        unread("it cannot be reached")
    })?;
    let list: Vec<String> = if answer.status == 200 {
        serde_json::from_slice(&answer.body).map_err(|_| unread("it is not a JSON list of texts"))?
    } else {
        return Err(unread("the answer is not 200"));
    };
    if client.redirect_uris.iter().any(|uri| !list.contains(uri)) {
        return Err(invalid("sector_identifier_uri does not list every redirect URI"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use poem::listener::{Acceptor as _, Listener as _, TcpListener};
    use poem::{Route, Server, endpoint};

    use super::*;
    use crate::testing::{NOW, test_app_with};

    #[tokio::test]
    async fn a_sector_lists_every_redirect_uri() {
        let (app, _folder, _clock) =
            test_app_with(|config| config.outbound.allow = vec!["127.0.0.1/32".parse().unwrap()]).await;
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let port = acceptor.local_addr()[0].as_socket_addr().unwrap().port();
        let answer = |text: &'static str| endpoint::make_sync(move |_| text);
        let routes = Route::new()
            .at("/both", answer(r#"["https://a.example/cb", "https://b.example/cb", "https://c.example/cb"]"#))
            .at("/one", answer(r#"["https://a.example/cb"]"#))
            .at("/words", answer("https://a.example/cb https://b.example/cb"));
        tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
        let mut client = Client::new(ClientId::new("rp"), "RP", NOW);
        client.redirect_uris = ["https://a.example/cb", "https://b.example/cb"].map(str::to_owned).into();
        for (path, accepted) in [("both", true), ("one", false), ("words", false), ("nowhere", false)] {
            client.metadata.sector_identifier_uri = Some(format!("http://127.0.0.1:{port}/{path}"));
            let checked = check_sector(&app, &client).await.map_err(|error| error.code);
            assert_eq!(checked, if accepted { Ok(()) } else { Err(ErrorCode::InvalidClientMetadata) }, "{path}");
        }
    }
}
