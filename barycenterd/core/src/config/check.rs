//! What one value alone cannot tell: ranges, and values that must agree with each other.
//!
//! A value that could not be read is not judged again, nor is what depends on it: one mistake, one fault.

use std::net::IpAddr;

use url::Url;

use crate::config::reader::Reader;
use crate::config::{Admin, Config, Federation, Keys, Oidc, Passwords, Seconds, Server, Telemetry, Users};
use crate::keyring::publication;
use crate::model::ResponseType;
use crate::model::user::RESERVED_CLAIMS;
use crate::reconcile::MaxPrune;

/// The fewest characters of an operator's token.
const TOKEN_CHARACTERS: usize = 16;

const HOUR: Seconds = Seconds::new(3600);
const DAY: Seconds = Seconds::new(86_400);
const YEAR: Seconds = Seconds::new(365 * 86_400);

/// Notes everything that does not fit.
pub(super) fn agree(config: &Config, reader: &mut Reader) {
    listeners(config, reader);
    shutdown(&config.server, reader);
    tls(&config.server, reader);
    telemetry(&config.telemetry, reader);
    if config.database.max_connections == 0 {
        reader.fault("database", "max_connections", "at least 1 connection is needed");
    }
    keys(&config.keys, reader);
    token(&config.admin, reader);
    lifetimes(&config.oidc, reader);
    back_channel(&config.oidc, reader);
    response_types(&config.oidc, reader);
    property_claims(&config.oidc, reader);
    passwords(&config.passwords, reader);
    users(&config.users, reader);
    federation(&config.federation, reader);
}

/// Two listeners cannot share a port, unless they are on two addresses of this machine.
fn listeners(config: &Config, reader: &mut Reader) {
    let keys = ["host", "port", "admin_host", "admin_port"];
    if !keys.iter().all(|key| reader.is_sound("server", key)) {
        return;
    }
    let ((host, port), (admin_host, admin_port)) = (config.public_address(), config.admin_address());
    if port == u16::MAX && config.server.admin_port.is_none() {
        let reason = "leaves no port for the admin listener (port + 1); give server.admin_port";
        reader.fault("server", "port", reason);
    } else if port != 0 && port == admin_port && meet(host, admin_host) {
        reader.fault("server", "admin_port", format!("is the public port as well ({port}); choose another"));
    }
}

/// Returns whether two hosts may be the same address. Names may.
fn meet(host: &str, other: &str) -> bool {
    match (host.parse::<IpAddr>(), other.parse::<IpAddr>()) {
        (Ok(host), Ok(other)) => host == other || host.is_unspecified() || other.is_unspecified(),
        _ => true,
    }
}

fn shutdown(server: &Server, reader: &mut Reader) {
    if server.shutdown_timeout > HOUR {
        reader.fault(
            "server",
            "shutdown_timeout",
            format!("{} is out of range; at most {HOUR}", server.shutdown_timeout),
        );
    }
    const MOST: Seconds = Seconds::new(600);
    if let Some(delay) = server.drain_delay.filter(|delay| *delay > MOST) {
        reader.fault("server", "drain_delay", format!("{delay} is out of range; at most {MOST}"));
    }
}

/// A certificate is of no use without its key.
fn tls(server: &Server, reader: &mut Reader) {
    for (certificate, key, is_half) in [
        (
            "tls_certificate_file",
            "tls_key_file",
            server.tls_certificate_file.is_some() != server.tls_key_file.is_some(),
        ),
        (
            "admin_tls_certificate_file",
            "admin_tls_key_file",
            server.admin_tls_certificate_file.is_some() != server.admin_tls_key_file.is_some(),
        ),
    ] {
        if is_half && reader.is_sound("server", certificate) && reader.is_sound("server", key) {
            let (given, missing) =
                if reader.is_set("server", certificate) { (certificate, key) } else { (key, certificate) };
            reader.fault("server", given, format!("has no effect without server.{missing}; give both, or neither"));
        }
    }
}

fn telemetry(telemetry: &Telemetry, reader: &mut Reader) {
    if let Some(endpoint) = &telemetry.otlp_endpoint {
        let is_http = Url::parse(endpoint).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !is_http {
            let reason = format!("{endpoint:?} is not the address of a collector, such as http://otel-collector:4318");
            reader.fault("telemetry", "otlp_endpoint", reason);
        }
    }
    if telemetry.sample_percent > 100 {
        let reason = format!("{} is out of range; from 0 to 100", telemetry.sample_percent);
        reader.fault("telemetry", "sample_percent", reason);
    }
}

/// A key cannot take the next one's place before relying parties know that one.
fn keys(keys: &Keys, reader: &mut Reader) {
    for (key, value, least, most) in [
        ("jwks_max_age", keys.jwks_max_age, Seconds::new(1), DAY),
        // Times are whole seconds: one may be lost when a time is read, and a part of one until it is written.
        ("clock_skew", keys.clock_skew, Seconds::new(2), Seconds::new(600)),
    ] {
        if value < least || value > most {
            reader.fault("keys", key, format!("{value} is out of range; from {least} to {most}"));
        }
    }
    let agree = ["jwks_max_age", "clock_skew", "rotate_every"].iter().all(|key| reader.is_sound("keys", key));
    let Some(every) = keys.rotate_every.filter(|_| agree) else { return };
    let (least, most) = (publication(keys), Seconds::new(3650 * 86_400));
    if every.as_seconds() < least || every > most {
        let reason = format!(
            "{every} is out of range; from {least}s (jwks_max_age, clock_skew and 5s: before that nobody knows the next key) to {most}"
        );
        reader.fault("keys", "rotate_every", reason);
    }
}

/// A token is sent in a header as it stands, so it is one line of visible ASCII.
fn token(admin: &Admin, reader: &mut Reader) {
    let key = if reader.is_set("admin", "token_file") { "token_file" } else { "token" };
    let Some(token) = admin.token.as_ref().filter(|_| reader.is_sound("admin", key)) else { return };
    let token = token.expose().trim();
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        reader.fault(
            "admin",
            key,
            "an operator's token is one line of ASCII letters, digits and signs, without spaces",
        );
    } else if token.len() < TOKEN_CHARACTERS {
        reader.fault("admin", key, format!("an operator's token needs at least {TOKEN_CHARACTERS} characters"));
    }
}

fn lifetimes(oidc: &Oidc, reader: &mut Reader) {
    for (key, lifetime, most) in [
        ("authorization_code_lifetime", oidc.authorization_code_lifetime, Seconds::new(600)),
        ("access_token_lifetime", oidc.access_token_lifetime, DAY),
        ("id_token_lifetime", oidc.id_token_lifetime, DAY),
        ("refresh_token_lifetime", oidc.refresh_token_lifetime, YEAR),
        ("session_lifetime", oidc.session_lifetime, YEAR),
        ("authorization_lifetime", oidc.authorization_lifetime, DAY),
    ] {
        if lifetime == Seconds::new(0) || lifetime > most {
            reader.fault("oidc", key, format!("{lifetime} is out of range; from 1s to {most}"));
        }
    }
}

fn back_channel(oidc: &Oidc, reader: &mut Reader) {
    if oidc.refresh_token_grace > Seconds::new(10) {
        reader.fault(
            "oidc",
            "refresh_token_grace",
            format!("{} is out of range; at most 10s", oidc.refresh_token_grace),
        );
    }
    if oidc.device_code_lifetime < Seconds::new(60) || oidc.device_code_lifetime > HOUR {
        let reason = format!("{} is out of range; from 1m to {HOUR}", oidc.device_code_lifetime);
        reader.fault("oidc", "device_code_lifetime", reason);
    }
}

fn response_types(oidc: &Oidc, reader: &mut Reader) {
    for name in oidc.response_types.iter().filter(|name| ResponseType::from_request(name).is_none()) {
        let known = ResponseType::ALL.map(|one| format!("{:?}", one.as_str())).join(", ");
        reader.fault("oidc", "response_types", format!("there is no response type {name:?}; known are {known}"));
    }
    if !oidc.response_types().contains(&ResponseType::Code) && reader.is_sound("oidc", "response_types") {
        reader.fault("oidc", "response_types", "code is always offered: add \"code\"");
    }
    let (lifetime, range) = (oidc.pushed_authorization_lifetime, (Seconds::new(60), Seconds::new(600)));
    if lifetime < range.0 || lifetime > range.1 {
        let reason = format!("{lifetime} is out of range; from {} to {}", range.0, range.1);
        reader.fault("oidc", "pushed_authorization_lifetime", reason);
    }
    if oidc.consent_lifetime == Some(Seconds::new(0)) {
        reader.fault("oidc", "consent_lifetime", "is 0; leave it out to remember consents, or give at least 1s");
    }
}

fn property_claims(oidc: &Oidc, reader: &mut Reader) {
    for name in &oidc.property_claims {
        if name.is_empty() {
            reader.fault("oidc", "property_claims", "a claim needs a name, \"\" is none");
        } else if RESERVED_CLAIMS.contains(&name.as_str()) {
            let reason = format!("{name:?} is a claim of the protocol, which no property fills; remove it");
            reader.fault("oidc", "property_claims", reason);
        }
    }
}

fn passwords(passwords: &Passwords, reader: &mut Reader) {
    let lanes = (1, 64);
    // Argon2 needs 8 KiB a lane (RFC 9106 section 3.1).
    let least_memory = passwords.parallelism.clamp(lanes.0, lanes.1) * 8;
    for (key, value, (least, most)) in [
        ("parallelism", passwords.parallelism, lanes),
        ("iterations", passwords.iterations, (1, 64)),
        ("memory_kib", passwords.memory_kib, (least_memory, 1_048_576)),
    ] {
        if !(least..=most).contains(&value) {
            reader.fault("passwords", key, format!("{value} is out of range; from {least} to {most}"));
        }
    }
    if passwords.max_concurrent == Some(0) {
        reader.fault("passwords", "max_concurrent", "at least 1 hash at once is needed");
    }
    if !(8..=256).contains(&passwords.minimum_length) {
        let reason = format!("{} is out of range; from 8 to 256 characters", passwords.minimum_length);
        reader.fault("passwords", "minimum_length", reason);
    }
}

fn users(users: &Users, reader: &mut Reader) {
    if let Some(Err(reason)) = users.max_prune.as_deref().map(str::parse::<MaxPrune>) {
        reader.fault("users", "max_prune", reason);
    }
    if users.file.is_none() {
        for key in ["watch", "prune", "max_prune", "secrets_dir"] {
            if reader.is_set("users", key) {
                reader.fault("users", key, "has no effect without users.file; name the file, or remove this");
            }
        }
    }
}

fn federation(federation: &Federation, reader: &mut Reader) {
    if !federation.trust_anchors.is_empty() {
        let reason = "OpenID Federation is not supported yet; leave the list empty: trust_anchors = []";
        reader.fault("federation", "trust_anchors", reason);
    }
}
