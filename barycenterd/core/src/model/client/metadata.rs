//! A client's further metadata (OpenID Connect Dynamic Client Registration section 2, RFC 7591 section 2), under the
//! names that the specifications give: one JSON value in the store, in users files and in the admin API.
//!
//! The rule: a field that has its default is not written. So a client of an older version reads as it always did, and
//! what an operator has not set is neither shown nor exported. Names that are not known are passed over.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::Seconds;
use crate::model::SigningAlgorithm;

/// Makes a closed set of names: an enum with `ALL`, `as_str` and `from_name`, the same in JSON.
macro_rules! closed_set {
    ($(#[$about:meta])* $name:ident: $count:literal { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: [Self; $count] = [$(Self::$variant),*];

            /// Returns the name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// Returns the value of that name, if there is one.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.as_str() == name)
            }
        }
    };
}

closed_set! {
    /// What the authorization endpoint answers with (OAuth 2.0 Multiple Response Type Encoding Practices).
    ResponseType: 6 {
        /// A code.
        Code = "code",
        /// An ID Token (implicit).
        IdToken = "id_token",
        /// An ID Token and an access token (implicit).
        IdTokenToken = "id_token token",
        /// A code and an ID Token (hybrid).
        CodeIdToken = "code id_token",
        /// A code and an access token (hybrid).
        CodeToken = "code token",
        /// All three (hybrid).
        CodeIdTokenToken = "code id_token token",
    }
}

impl ResponseType {
    /// Returns the response type of a request: its words may stand in any order (RFC 6749 section 3.1.1).
    #[must_use]
    pub fn from_request(text: &str) -> Option<Self> {
        let words = |text: &str| {
            let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        let wanted = words(text);
        Self::ALL.into_iter().find(|one| words(one.as_str()) == wanted)
    }

    /// Returns whether the answer holds `part`: `code`, `id_token` or `token`.
    #[must_use]
    pub fn includes(self, part: &str) -> bool {
        self.as_str().split(' ').any(|word| word == part)
    }
}

closed_set! {
    /// How the `sub` of a client's users is made (OpenID Connect Core section 8).
    #[derive(Default)]
    SubjectType: 2 {
        /// The same for every client.
        #[default]
        Public = "public",
        /// Another one for each sector.
        Pairwise = "pairwise",
    }
}

closed_set! {
    /// What kind of program a client is (OpenID Connect Dynamic Client Registration section 2).
    #[derive(Default)]
    ApplicationType: 2 {
        /// It runs on a server or in a browser.
        #[default]
        Web = "web",
        /// It is installed on the user's machine.
        Native = "native",
    }
}

closed_set! {
    /// What a client's access tokens look like.
    #[derive(Default)]
    AccessTokenFormat: 2 {
        /// A random value that only we can read.
        #[default]
        Opaque = "opaque",
        /// A signed JWT (RFC 9068) that resource servers verify by themselves.
        Jwt = "jwt",
    }
}

closed_set! {
    /// An algorithm that clients sign with: assertions, request objects, DPoP proofs.
    ClientAlgorithm: 5 {
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        Rs256 = "RS256",
        /// RSASSA-PSS with SHA-256.
        Ps256 = "PS256",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// Ed25519.
        EdDsa = "EdDSA",
        /// HMAC with SHA-256, keyed with the client's secret.
        Hs256 = "HS256",
    }
}

impl ClientAlgorithm {
    /// The algorithms that need a key pair.
    pub const ASYMMETRIC: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// Returns whether the key is the client's secret.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256)
    }

    /// Returns the same algorithm as jsonwebtoken names it.
    #[must_use]
    pub const fn as_jwt(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Ps256 => jsonwebtoken::Algorithm::PS256,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Hs256 => jsonwebtoken::Algorithm::HS256,
        }
    }
}

/// Makes the struct, and the list of its fields' names; a field that has its default is not written.
macro_rules! metadata {
    ($($(#[doc = $doc:literal])* $name:ident: $kind:ty,)*) => {
        /// What a client is registered with besides what [`Client`](super::Client) names itself.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct ClientMetadata {
            $($(#[doc = $doc])* #[serde(skip_serializing_if = "is_default")] pub $name: $kind,)*
        }

        impl ClientMetadata {
            /// The names of all fields.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($name)),*];
        }
    };
}

metadata! {
    /// What it may ask the authorization endpoint for; empty: `code`.
    response_types: Vec<ResponseType>,
    /// Whether it is a web or a native application.
    application_type: ApplicationType,
    /// E-mail addresses of the people who are responsible.
    contacts: Vec<String>,
    /// Its home page.
    client_uri: Option<String>,
    /// Its logo, shown on pages.
    logo_uri: Option<String>,
    /// Its privacy policy, linked on pages.
    policy_uri: Option<String>,
    /// Its terms of service, linked on pages.
    tos_uri: Option<String>,
    /// Its public keys, a JWK Set.
    jwks: Option<Value>,
    /// Where its JWK Set lies.
    jwks_uri: Option<String>,
    /// The only algorithm that its assertions may be signed with.
    token_endpoint_auth_signing_alg: Option<ClientAlgorithm>,
    /// What its ID Tokens are signed with; none: as configured.
    id_token_signed_response_alg: Option<SigningAlgorithm>,
    /// What UserInfo is signed with; none: it is plain JSON.
    userinfo_signed_response_alg: Option<SigningAlgorithm>,
    /// The only algorithm that its request objects may be signed with.
    request_object_signing_alg: Option<ClientAlgorithm>,
    /// Where its request objects may lie.
    request_uris: Vec<String>,
    /// Whether it must use pushed authorization requests (RFC 9126).
    require_pushed_authorization_requests: bool,
    /// Whether it must use PKCE, whatever is configured for all.
    require_pkce: Option<bool>,
    /// The oldest acceptable sign-in, in seconds, where a request names none.
    default_max_age: Option<u32>,
    /// Whether its ID Tokens always say when the user signed in.
    require_auth_time: bool,
    /// The authentication context classes that it asks for where a request names none.
    default_acr_values: Vec<String>,
    /// How the `sub` of its users is made.
    subject_type: SubjectType,
    /// The list of redirect URIs that share its pairwise subjects.
    sector_identifier_uri: Option<String>,
    /// Where others may send a user to start signing in.
    initiate_login_uri: Option<String>,
    /// Where we tell it that a session has ended, from server to server.
    backchannel_logout_uri: Option<String>,
    /// Whether it must be told which session.
    backchannel_logout_session_required: bool,
    /// Where we tell it that a session has ended, through the browser.
    frontchannel_logout_uri: Option<String>,
    /// Whether it must be told which session.
    frontchannel_logout_session_required: bool,
    /// What its access tokens look like.
    access_token_format: AccessTokenFormat,
    /// Whether its access tokens are always bound to a key (RFC 9449).
    dpop_bound_access_tokens: bool,
    /// The resources that its access tokens may be for (RFC 8707).
    resources: Vec<String>,
    /// Whether it serves a resource: it may introspect every client's tokens.
    resource_server: bool,
    /// The groups whose members may use it; empty: everybody.
    required_groups: BTreeSet<String>,
    /// How long a consent is remembered; none: until it is taken back.
    consent_lifetime: Option<Seconds>,
    /// Names the software that it is an instance of.
    software_id: Option<String>,
    /// The version of that software.
    software_version: Option<String>,
}

/// Returns whether a field has its default.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl ClientMetadata {
    /// Returns what is set, by name.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        // Our own fields hold nothing that JSON cannot express.
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }

    /// Reads one field's value, and returns it as it is written where it is set: `None` if it is the default.
    ///
    /// # Errors
    /// When the field is not known or cannot hold the value; the text says what the reader expected.
    pub fn normalized(name: &str, value: &Value) -> Result<Option<Value>, String> {
        if !Self::FIELDS.contains(&name) {
            return Err("is not known".to_owned());
        }
        let single = Value::Object(Map::from_iter([(name.to_owned(), value.clone())]));
        let read: Self = serde_json::from_value(single).map_err(|error| error.to_string())?;
        Ok(read.to_map().remove(name))
    }

    /// Reads an object of fields, all of which must be known.
    ///
    /// # Errors
    /// One line for each field that is not known or cannot hold its value.
    pub fn from_map(map: &Map<String, Value>) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut sound = Map::new();
        for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
            match Self::normalized(name, value) {
                Ok(Some(value)) => {
                    sound.insert(name.clone(), value);
                }
                Ok(None) => {}
                Err(reason) => faults.push(format!("{name}: {reason}")),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        serde_json::from_value(Value::Object(sound)).map_err(|error| vec![error.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_are_not_written_and_unknown_names_are_passed_over() {
        assert_eq!(serde_json::to_string(&ClientMetadata::default()).unwrap(), "{}");
        let read: ClientMetadata =
            serde_json::from_value(json!({ "from_the_future": 1, "require_auth_time": true })).unwrap();
        assert_eq!(Value::Object(read.to_map()), json!({ "require_auth_time": true }));
    }

    #[test]
    fn every_field_is_named() {
        let full: ClientMetadata = serde_json::from_value(json!({
            "response_types": ["code id_token"], "application_type": "native", "jwks": { "keys": [] },
            "token_endpoint_auth_signing_alg": "PS256", "consent_lifetime": "30d", "required_groups": ["ops"],
        }))
        .unwrap();
        let map = full.to_map();
        assert_eq!(map.len(), 6);
        assert!(map.keys().all(|name| ClientMetadata::FIELDS.contains(&name.as_str())));
        assert_eq!(map["consent_lifetime"], json!("30d"));
    }

    #[test]
    fn one_field_is_read_by_itself() {
        assert_eq!(ClientMetadata::normalized("require_pkce", &json!(false)), Ok(Some(json!(false))));
        assert_eq!(ClientMetadata::normalized("subject_type", &json!("public")), Ok(None));
        assert!(ClientMetadata::normalized("subject_type", &json!("secret")).unwrap_err().contains("pairwise"));
        assert!(ClientMetadata::normalized("nothing", &json!(1)).is_err());
    }

    #[test]
    fn the_words_of_a_response_type_may_stand_in_any_order() {
        assert_eq!(ResponseType::from_request("token id_token code"), Some(ResponseType::CodeIdTokenToken));
        assert_eq!(ResponseType::from_request("token"), None);
        assert_eq!(ResponseType::from_request("code code"), None);
        assert!(ResponseType::CodeToken.includes("token") && !ResponseType::CodeIdToken.includes("token"));
    }
}
