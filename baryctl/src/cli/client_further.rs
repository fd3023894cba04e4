//! What `clients create` may be told besides the usual: the metadata that specifications name, some by a flag of
//! their own, all of them by `--set`; and tokens with which clients register themselves.

use std::path::PathBuf;

use barycenter_core::config::Seconds;
use clap::{Args, ValueEnum};

/// Further metadata of a new client.
#[derive(Debug, Clone, Default, Args)]
pub struct ClientFurther {
    /// A file with the client's public keys, a JWK Set
    #[arg(long, value_name = "FILE")]
    pub jwks: Option<PathBuf>,

    /// Where the client's public keys lie; https
    #[arg(long, value_name = "URI", conflicts_with = "jwks")]
    pub jwks_uri: Option<String>,

    /// Where the client is told, from server to server, that a session has ended
    #[arg(long, value_name = "URI")]
    pub backchannel_logout_uri: Option<String>,

    /// Where the client is told, through the browser, that a session has ended
    #[arg(long, value_name = "URI")]
    pub frontchannel_logout_uri: Option<String>,

    /// Only members of this group may use the client; repeat it for several, one of which is enough
    #[arg(long = "require-group", value_name = "GROUP")]
    pub required_groups: Vec<String>,

    /// What the client's access tokens look like [default: opaque]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub access_token_format: Option<AccessTokenChoice>,

    /// What the client's ID Tokens are signed with [default: as configured]
    #[arg(long, value_name = "ALG", value_enum)]
    pub id_token_alg: Option<AlgorithmChoice>,

    /// Whether the client must use PKCE [default: as configured]
    #[arg(long, value_name = "BOOL")]
    pub require_pkce: Option<bool>,

    /// Any other metadata as schema/users.schema.json names it, such as default_max_age=600; the value is JSON or a text
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub others: Vec<String>,
}

/// What access tokens look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AccessTokenChoice {
    /// Random values that only the provider can read
    Opaque,
    /// Signed JWTs that resource servers verify by themselves
    Jwt,
}

/// An algorithm that signs ID Tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AlgorithmChoice {
    /// RSA
    #[value(name = "RS256")]
    Rs256,
    /// ECDSA on P-256
    #[value(name = "ES256")]
    Es256,
    /// Ed25519
    #[value(name = "EdDSA")]
    EdDsa,
}

/// A token with which clients register themselves.
#[derive(Debug, Clone, Args)]
pub struct RegistrationTokenArguments {
    /// How long the token is valid, such as 30m, 12h or 7d
    #[arg(long, value_name = "DURATION", default_value = "1h")]
    pub lifetime: Seconds,

    /// How many clients may register with it
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub uses: u32,

    /// What it is for; only operators see it
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub description: String,
}
