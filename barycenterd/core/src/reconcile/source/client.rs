//! One entry of `clients`: a relying party, its fields, what each may hold, and how it goes over the wire.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::config::Seconds;
use crate::model::{ClientAuthenticationMethod, ClientId, ClientMetadata, GrantType, Scope, Scopes};
use crate::reconcile::source::client_metadata;
use crate::reconcile::source::reader::{Field, Member, Reader};
use crate::reconcile::source::values::Found;
use crate::secret::Secret;

/// The fields of an entry.
pub(super) const FIELDS: &[&str] = &[
    "client_id",
    "name",
    "enabled",
    "authentication_method",
    "client_secret",
    "redirect_uris",
    "post_logout_redirect_uris",
    "grant_types",
    "scopes",
    "first_party",
    "access_token_lifetime",
    "id_token_lifetime",
    "refresh_token_lifetime",
];

/// The shortest secret, in characters: shorter ones can be guessed.
const SHORTEST_SECRET: usize = 16;
/// The most addresses of one kind.
const MOST_URIS: usize = 100;

/// What a file wants of one client. `null` brings a field back to its default.
#[derive(Debug, Clone)]
pub struct DesiredClient {
    /// The `client_id` that it is matched by.
    pub id: ClientId,
    /// The name that End-Users see; the default is the id.
    pub name: Field<String>,
    /// Whether it may be used.
    pub enabled: Field<bool>,
    /// How it proves who it is.
    pub authentication_method: Field<ClientAuthenticationMethod>,
    /// Its secret.
    pub secret: Field<Found>,
    /// Where authorization responses may go.
    pub redirect_uris: Field<Vec<String>>,
    /// Where a browser may go after logout.
    pub post_logout_redirect_uris: Field<Vec<String>>,
    /// How it may obtain tokens.
    pub grant_types: Field<Vec<GrantType>>,
    /// What it may ask for.
    pub scopes: Field<Scopes>,
    /// Whether its users are not asked for consent.
    pub first_party: Field<bool>,
    /// How long its access tokens live.
    pub access_token_lifetime: Field<Seconds>,
    /// How long its ID Tokens live.
    pub id_token_lifetime: Field<Seconds>,
    /// How long its refresh tokens live.
    pub refresh_token_lifetime: Field<Seconds>,
    /// Further metadata that the file mentions, by name, as it is written; a value of `None` is the default.
    pub further: BTreeMap<&'static str, Field<Option<Value>>>,
}

impl DesiredClient {
    /// Returns what a file wants that names nothing but the client.
    #[must_use]
    pub const fn named(id: ClientId) -> Self {
        Self {
            id,
            name: Field::Absent,
            enabled: Field::Absent,
            authentication_method: Field::Absent,
            secret: Field::Absent,
            redirect_uris: Field::Absent,
            post_logout_redirect_uris: Field::Absent,
            grant_types: Field::Absent,
            scopes: Field::Absent,
            first_party: Field::Absent,
            access_token_lifetime: Field::Absent,
            id_token_lifetime: Field::Absent,
            refresh_token_lifetime: Field::Absent,
            further: BTreeMap::new(),
        }
    }

    /// Returns the entry as JSON, its secret left out.
    fn without_secret(&self) -> Map<String, Value> {
        let mut entry = Map::new();
        entry.insert("client_id".to_owned(), json!(self.id));
        let mut put = |name: &str, field: Option<Value>| {
            if let Some(value) = field {
                entry.insert(name.to_owned(), value);
            }
        };
        put("name", shown(&self.name, |text| json!(text)));
        put("enabled", shown(&self.enabled, |flag| json!(flag)));
        put("authentication_method", shown(&self.authentication_method, |method| json!(method.as_str())));
        put("redirect_uris", shown(&self.redirect_uris, |uris| json!(uris)));
        put("post_logout_redirect_uris", shown(&self.post_logout_redirect_uris, |uris| json!(uris)));
        put("grant_types", shown(&self.grant_types, |grants| json!(grants)));
        put("scopes", shown(&self.scopes, |scopes| json!(scopes)));
        put("first_party", shown(&self.first_party, |flag| json!(flag)));
        let span = |span: &Seconds| json!(span.to_string());
        put("access_token_lifetime", shown(&self.access_token_lifetime, span));
        put("id_token_lifetime", shown(&self.id_token_lifetime, span));
        put("refresh_token_lifetime", shown(&self.refresh_token_lifetime, span));
        for (name, field) in &self.further {
            put(name, shown(field, |value| value.clone().unwrap_or(Value::Null)));
        }
        if matches!(self.secret, Field::Null) {
            put("client_secret", Some(Value::Null));
        }
        entry
    }

    /// Returns the entry as JSON on one line, its secret with it: as it goes over the wire.
    #[must_use]
    pub fn to_entry(&self) -> Secret {
        let mut entry = self.without_secret();
        if let Field::Value(secret) = &self.secret {
            entry.insert("client_secret".to_owned(), json!(secret.value.expose()));
        }
        Secret::new(Value::Object(entry).to_string())
    }

    /// Returns the digest of the entry without its secret, 128 bits in base64url: whether the file moved.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut text = serde_json::to_vec(&self.without_secret()).unwrap_or_default();
        // That there is a secret belongs to the entry; what it is does not.
        text.push(u8::from(self.secret.value().is_some()));
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &text).as_ref().get(..16).unwrap_or_default())
    }
}

/// Returns how a field stands in an entry, if it does.
fn shown<T>(field: &Field<T>, show: impl FnOnce(&T) -> Value) -> Option<Value> {
    match field {
        Field::Absent => None,
        Field::Null => Some(Value::Null),
        Field::Value(value) => Some(show(value)),
    }
}

/// Reads one entry; faults go to the reader, and what is faulty yields no client.
pub(super) fn read<'t>(reader: &mut Reader<'t, '_>, entry: &'t RawValue) -> Option<DesiredClient> {
    let members = reader.split(entry, "");
    reader.name_by("client_id", &members);
    let named = members.iter().any(|member| member.key == "client_id");
    let is_object = entry.get().starts_with('{') && reader.faults.is_empty();
    let known: Vec<&str> = FIELDS.iter().chain(ClientMetadata::FIELDS).copied().collect();
    let members = reader.sound(members, "", &known);
    if is_object && !named {
        reader.fault(entry, "", "has no `client_id`");
    }
    let mut client = DesiredClient::named(ClientId::new(""));
    for Member { key, value } in members {
        let field = key.as_str();
        match field {
            "client_id" => client.id = id_of(reader, value),
            "name" => client.name = reader.text(value, field),
            "enabled" => client.enabled = reader.field(value, field, "true, false or null"),
            "first_party" => client.first_party = reader.field(value, field, "true, false or null"),
            "authentication_method" => client.authentication_method = method_of(reader, value),
            "client_secret" => client.secret = secret_of(reader, value),
            "redirect_uris" => client.redirect_uris = uris_of(reader, value, field),
            "post_logout_redirect_uris" => client.post_logout_redirect_uris = uris_of(reader, value, field),
            "grant_types" => {
                let known = GrantType::ALL.map(GrantType::as_str);
                client.grant_types = names_of(reader, value, field, &known, GrantType::from_name);
            }
            "scopes" => {
                let known = Scope::ALL.map(Scope::as_str);
                client.scopes = match names_of(reader, value, field, &known, Scope::from_name) {
                    Field::Value(scopes) => Field::Value(scopes.into_iter().collect()),
                    Field::Null => Field::Null,
                    Field::Absent => Field::Absent,
                };
            }
            "access_token_lifetime" | "id_token_lifetime" | "refresh_token_lifetime" => {
                let span = reader.field(value, field, "a span of time such as \"90s\", \"10m\", \"12h\" or \"30d\"");
                match field {
                    "access_token_lifetime" => client.access_token_lifetime = span,
                    "id_token_lifetime" => client.id_token_lifetime = span,
                    _ => client.refresh_token_lifetime = span,
                }
            }
            _ => {
                if let Some((name, read)) = client_metadata::read(reader, field, value) {
                    client.further.insert(name, read);
                }
            }
        }
    }
    check_secret_length(reader, &client, entry);
    reader.faults.is_empty().then_some(client)
}

/// An HMAC with SHA-256 wants a key as long as its output (RFC 7518 section 3.2).
fn check_secret_length(reader: &mut Reader<'_, '_>, client: &DesiredClient, entry: &RawValue) {
    let by_jwt = client.authentication_method.value() == Some(&ClientAuthenticationMethod::ClientSecretJwt);
    if by_jwt && client.secret.value().is_some_and(|found| found.value.expose().len() < 32) {
        reader.fault(entry, "client_secret", "needs at least 32 characters for client_secret_jwt");
    }
}

fn id_of(reader: &mut Reader<'_, '_>, value: &RawValue) -> ClientId {
    let id = match reader.text(value, "client_id") {
        Field::Value(text) => ClientId::new(text),
        Field::Null => ClientId::new(""),
        Field::Absent => return ClientId::new(""),
    };
    if !id.is_well_formed() {
        reader.fault(value, "client_id", "has 1 to 128 letters, digits and - . _ ~ only");
    }
    id
}

fn method_of(reader: &mut Reader<'_, '_>, value: &RawValue) -> Field<ClientAuthenticationMethod> {
    const FIELD: &str = "authentication_method";
    match reader.text(value, FIELD) {
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Value(name) => ClientAuthenticationMethod::from_name(&name).map_or_else(
            || {
                let known = ClientAuthenticationMethod::ALL.map(ClientAuthenticationMethod::as_str).join(", ");
                reader.fault(value, FIELD, format!("{name:?} is no method; known are {known}"));
                Field::Absent
            },
            Field::Value,
        ),
    }
}

fn secret_of(reader: &mut Reader<'_, '_>, value: &RawValue) -> Field<Found> {
    const FIELD: &str = "client_secret";
    let found = reader.secret(value, FIELD);
    if let Field::Value(Found { value: secret, .. }) = &found {
        let text = secret.expose();
        if text.len() < SHORTEST_SECRET || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = format!("needs at least {SHORTEST_SECRET} visible ASCII characters: openssl rand -base64 32");
            reader.fault(value, FIELD, message);
        }
    }
    found
}

fn uris_of(reader: &mut Reader<'_, '_>, value: &RawValue, field: &str) -> Field<Vec<String>> {
    let uris = match reader.field::<Vec<String>>(value, field, "a list of texts or null") {
        Field::Value(uris) => uris,
        other => return other,
    };
    if uris.len() > MOST_URIS {
        reader.fault(value, field, format!("has more than {MOST_URIS} addresses"));
    }
    let filled: Vec<String> = uris.into_iter().filter_map(|uri| reader.fill(value, field, uri)).collect();
    for (index, uri) in filled.iter().enumerate() {
        if filled.iter().take(index).any(|earlier| earlier == uri) {
            reader.fault(value, field, format!("{uri:?} stands twice"));
        }
    }
    Field::Value(filled)
}

/// Reads a list of names that must all be known.
fn names_of<T>(
    reader: &mut Reader<'_, '_>,
    value: &RawValue,
    field: &str,
    known: &[&str],
    from_name: fn(&str) -> Option<T>,
) -> Field<Vec<T>> {
    let names = match reader.field::<Vec<String>>(value, field, "a list of texts or null") {
        Field::Absent => return Field::Absent,
        Field::Null => return Field::Null,
        Field::Value(names) => names,
    };
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        match from_name(&name) {
            Some(one) => found.push(one),
            None => reader.fault(value, field, format!("there is no {name:?}; known are {}", known.join(", "))),
        }
    }
    Field::Value(found)
}
