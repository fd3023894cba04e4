//! The sections of config.toml. Each setting is declared once: its name, type, default and meaning; reading, unknown
//! keys, origins, what may be shown, and the JSON Schema all come from that one line.

use std::path::PathBuf;
use std::str::FromStr;

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::config::reader::Reader;
use crate::config::value::Setting;
use crate::config::{
    BaseUrl, DatabaseUrl, Host, LogFormat, Network, PruneChoice, RegistrationMode, RequirePkce, Seconds,
};
use crate::model::SigningAlgorithm;
use crate::secret::Secret;

/// The name of a setting: section, key.
pub(super) type Name = (&'static str, &'static str);

/// One setting as it may be shown: section, key, value.
pub(super) type Shown = (&'static str, &'static str, String);

/// Makes a default from its text; the texts stand in this file and a test reads them all.
#[expect(clippy::expect_used, reason = "the defaults stand in this file, and a test reads them")]
fn text<T: FromStr<Err = String>>(text: &str) -> T {
    text.parse().expect("the default is sound")
}

macro_rules! sections {
    ($(
        $(#[doc = $about:literal])*
        $section:ident $name:literal {
            $($(#[doc = $meaning:literal])* $key:ident: $kind:ty = $default:expr;)*
        }
    )*) => {
        $(
            $(#[doc = $about])*
            #[derive(Debug, Clone)]
            pub struct $section {
                $($(#[doc = $meaning])* pub $key: $kind,)*
            }

            impl Default for $section {
                fn default() -> Self {
                    Self { $($key: $default,)* }
                }
            }

            impl $section {
                /// The name of the section.
                pub(super) const NAME: &'static str = $name;
                /// The names of its keys.
                pub(super) const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

                pub(super) fn read(reader: &mut Reader) -> Self {
                    let default = Self::default();
                    Self { $($key: reader.take(Self::NAME, stringify!($key)).unwrap_or(default.$key),)* }
                }

                pub(super) fn show(&self) -> Vec<Shown> {
                    vec![$(($name, stringify!($key), Setting::show(&self.$key))),*]
                }

                fn schema(generator: &mut SchemaGenerator) -> Value {
                    let default = Self::default();
                    let mut keys = Map::new();
                    $(keys.insert(
                        stringify!($key).to_owned(),
                        describe::<$kind>(generator, &[$($meaning),*], &default.$key),
                    );)*
                    json!({
                        "type": "object",
                        "description": sentence(&[$($about),*]),
                        "additionalProperties": false,
                        "properties": keys,
                    })
                }
            }
        )*

        /// The names of all sections, with their keys.
        pub(super) const SECTIONS: &[(&str, &[&str])] = &[$(($name, $section::KEYS)),*];

        /// Returns the JSON Schema (2020-12) of config.toml.
        #[must_use]
        pub fn json_schema() -> Value {
            let mut generator = SchemaGenerator::default();
            let mut sections = Map::new();
            $(sections.insert($name.to_owned(), $section::schema(&mut generator));)*
            json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": "Barycenter configuration",
                "description": "config.toml. Every setting may also come from the environment, which wins: BARYCENTER__SECTION__KEY.",
                "type": "object",
                "additionalProperties": false,
                "properties": sections,
            })
        }
    };
}

/// Joins the lines of a doc comment.
fn sentence(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

fn describe<T: Setting>(generator: &mut SchemaGenerator, lines: &[&str], default: &T) -> Value {
    let mut schema = T::schema(generator);
    if let Value::Object(members) = &mut schema {
        members.insert("description".to_owned(), json!(sentence(lines)));
        if let Some(default) = default.as_default() {
            members.insert("default".to_owned(), default);
        }
    }
    schema
}

sections! {
    /// `[server]`: where the daemon listens, and what the world calls it.
    Server "server" {
        /// The host of the public listener: a name, an IPv4 or an IPv6 address.
        host: Host = text("0.0.0.0");
        /// The port of the public listener; 0 takes a free one.
        port: u16 = 8080;
        /// The host of the admin listener; not given: the same as `host`.
        admin_host: Option<Host> = None;
        /// The port of the admin listener; not given: `port` + 1; 0 takes a free one.
        admin_port: Option<u16> = None;
        /// The address under which browsers and relying parties reach the public listener: the issuer.
        public_base_url: BaseUrl = text("http://localhost:8080");
        /// The proxies in front of the public listener, such as ["10.0.0.0/8"]: what they say in X-Forwarded-For is
        /// believed, to limit failed sign-ins by the address that they come from.
        trusted_proxies: Vec<Network> = Vec::new();
        /// Whether people may make accounts for themselves at /register.
        allow_public_registration: bool = false;
        /// How long running requests may take to finish after SIGTERM; at most 1h. Seconds, or a text such as "25s".
        shutdown_timeout: Seconds = Seconds::new(25);
        /// How long requests are still taken after SIGTERM while /readyz already says no, so that whoever sends them
        /// here has time to notice; at most 10m. Not given: 5s in a Kubernetes pod, otherwise 0.
        drain_delay: Option<Seconds> = None;
        /// The certificate chain (PEM) of the public listener, which then speaks TLS; read again when it changes.
        tls_certificate_file: Option<PathBuf> = None;
        /// The key (PEM) of that certificate.
        tls_key_file: Option<PathBuf> = None;
        /// The certificate chain (PEM) of the admin listener, which then speaks TLS; read again when it changes.
        admin_tls_certificate_file: Option<PathBuf> = None;
        /// The key (PEM) of that certificate.
        admin_tls_key_file: Option<PathBuf> = None;
    }

    /// `[database]`: where everything is kept.
    Database "database" {
        /// The database: sqlite:PATH?mode=rwc or postgresql://USER:PASSWORD@HOST:PORT/NAME. Special characters of the
        /// password are percent-encoded here, not in `password`.
        url: DatabaseUrl = text("sqlite://./data/barycenter.db?mode=rwc");
        /// A file that holds `url`, in place of it.
        url_file: Option<PathBuf> = None;
        /// The password, in place of the one in `url`: so that only it needs to come from a Secret.
        password: Option<Secret> = None;
        /// A file that holds `password`, in place of it.
        password_file: Option<PathBuf> = None;
        /// The most connections that one process has open at a time; at least 1.
        max_connections: u32 = 10;
    }

    /// `[keys]`: the root key and what tokens are signed with.
    Keys "keys" {
        /// A mirror of the published keys (JWKS), rewritten at every change.
        jwks_path: PathBuf = PathBuf::from("./data/jwks.json");
        /// The root key, PEM: the deployment's one secret. Generated if absent.
        private_key_path: PathBuf = PathBuf::from("./data/private_key.pem");
        /// The algorithm that signs tokens, where a client asks for no other: RS256, ES256 or EdDSA.
        alg: SigningAlgorithm = SigningAlgorithm::Rs256;
        /// How long relying parties may keep the published keys (`Cache-Control: max-age`); from 1s to 1d. A new key
        /// is published this much and `clock_skew` before it signs.
        jwks_max_age: Seconds = Seconds::new(300);
        /// How far the clocks of replicas and relying parties may be apart; from 2s to 10m.
        clock_skew: Seconds = Seconds::new(30);
        /// How long a key signs before the next one takes its place by itself; at least `jwks_max_age` and
        /// `clock_skew` together and 5s, at most 3650d. Not given: keys change when an operator rotates them.
        rotate_every: Option<Seconds> = None;
    }

    /// `[admin]`: who may use the admin API.
    Admin "admin" {
        /// The operator's bearer token, at least 16 characters. Without it and `token_file` one is generated at the
        /// first start, into admin.token beside the root key.
        token: Option<Secret> = None;
        /// A file that holds `token`, in place of it; it must exist.
        token_file: Option<PathBuf> = None;
    }

    /// `[oidc]`: lifetimes and policy of the protocol. A lifetime is a number of seconds, or a text such as "90s",
    /// "10m", "12h" or "30d".
    Oidc "oidc" {
        /// Who must use PKCE: public (clients without a secret) or all.
        require_pkce: RequirePkce = RequirePkce::Public;
        /// What clients may ask the authorization endpoint for: code, and for those that need them: id_token,
        /// "id_token token" (implicit), "code id_token", "code token", "code id_token token" (hybrid).
        response_types: Vec<String> = vec!["code".to_owned()];
        /// Whether every client must push its authorization requests (RFC 9126).
        require_pushed_authorization_requests: bool = false;
        /// How long a pushed request may be used; from 60s to 10m.
        pushed_authorization_lifetime: Seconds = Seconds::new(90);
        /// Whether request objects are fetched from where clients have registered them (OpenID Connect Core section
        /// 6.2).
        request_uri: bool = false;
        /// How long a consent is remembered, where the client says nothing else; not given: until it is taken back.
        consent_lifetime: Option<Seconds> = None;
        /// How long a code may be redeemed; at most 10m (RFC 6749 section 4.1.2).
        authorization_code_lifetime: Seconds = Seconds::new(60);
        /// How long an access token is valid; at most 1d.
        access_token_lifetime: Seconds = Seconds::new(600);
        /// How long an ID Token is valid; at most 1d.
        id_token_lifetime: Seconds = Seconds::new(600);
        /// How long a refresh token may wait to be used; at most 365d.
        refresh_token_lifetime: Seconds = Seconds::new(2_592_000);
        /// How long a person stays signed in; at most 365d.
        session_lifetime: Seconds = Seconds::new(43_200);
        /// How long a person may take to sign in and consent; at most 1d.
        authorization_lifetime: Seconds = Seconds::new(3600);
        /// Whether clients may register themselves: off, token (with an initial access token that `baryctl clients
        /// registration-token` makes), or open (anybody).
        registration: RegistrationMode = RegistrationMode::Off;
        /// Whether clients that are registered for it may exchange access tokens for lesser ones (RFC 8693).
        token_exchange: bool = false;
        /// How long a refresh token may be repeated whose answer was lost; at most 10s, 0: never.
        refresh_token_grace: Seconds = Seconds::new(10);
        /// How long a person may take to approve a device; at most 1h.
        device_code_lifetime: Seconds = Seconds::new(600);
        /// Users' properties that become claims with the scope profile, besides the standard ones.
        property_claims: Vec<String> = Vec::new();
    }

    /// `[outbound]`: what the daemon may connect to when it fetches clients' keys and lists, or tells them of a logout.
    Outbound "outbound" {
        /// Networks that may be reached although they are not public, such as ["10.1.0.0/16"]: private, loopback and
        /// other special addresses are refused otherwise.
        allow: Vec<Network> = Vec::new();
        /// A file of further certificate authorities that are trusted, PEM.
        extra_ca_file: Option<PathBuf> = None;
    }

    /// `[passwords]`: the cost of Argon2id, and what people may choose.
    Passwords "passwords" {
        /// Memory of one hash, in KiB: from 8 a lane to 1048576.
        memory_kib: u32 = 19_456;
        /// Passes over the memory: from 1 to 64.
        iterations: u32 = 2;
        /// Lanes of one hash: from 1 to 64.
        parallelism: u32 = 1;
        /// The most hashes at once; not given: one a processor. They need this times `memory_kib`.
        max_concurrent: Option<usize> = None;
        /// The fewest characters of a password that a person chooses at /register: from 8 to 256.
        minimum_length: usize = 15;
    }

    /// `[users]`: a users file that the daemon itself keeps the users and clients in step with.
    Users "users" {
        /// The users file, such as a mounted Secret; read at the start, and again whenever it changes if `watch` says
        /// so.
        file: Option<PathBuf> = None;
        /// Whether the file is read again when it changes.
        watch: bool = true;
        /// What happens to users and clients that the file no longer names: keep, disable or delete.
        prune: PruneChoice = PruneChoice::Keep;
        /// How many may be pruned at once: a number or a share such as "15%"; not given: the larger of 5 and 5%.
        max_prune: Option<String> = None;
        /// A folder of files, one for each ${NAME} in the file's texts.
        secrets_dir: Option<PathBuf> = None;
    }

    /// `[log]`: how log lines are written. Which ones: RUST_LOG.
    Log "log" {
        /// text, for people, or json, for machines.
        format: LogFormat = LogFormat::Text;
    }

    /// `[telemetry]`: traces of requests, in OpenTelemetry's protocol (OTLP over HTTP).
    Telemetry "telemetry" {
        /// The collector, such as http://otel-collector:4318; not given: $OTEL_EXPORTER_OTLP_ENDPOINT, or no traces.
        otlp_endpoint: Option<String> = None;
        /// How many of 100 requests are traced when whoever calls does not say.
        sample_percent: u32 = 100;
    }

    /// `[federation]`: OpenID Federation, which does not exist here yet.
    Federation "federation" {
        /// Must be empty.
        trust_anchors: Vec<String> = Vec::new();
    }
}
