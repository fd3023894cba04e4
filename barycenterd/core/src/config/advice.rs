//! Values that are allowed, and still not wise: what `config validate --strict` refuses and `doctor` warns of.

use crate::config::{Config, Passwords, Seconds};

/// A value that somebody should think about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The setting: `oidc.access_token_lifetime`.
    pub setting: &'static str,
    /// What is unwise about it: lower-case, without a full stop.
    pub message: String,
    /// What to set instead.
    pub fix: String,
}

/// Returns what is unwise.
#[must_use]
pub fn advice(config: &Config) -> Vec<Advice> {
    let mut all = Vec::new();
    let mut add = |setting, message: String, fix: &str| all.push(Advice { setting, message, fix: fix.to_owned() });
    let url = &config.server.public_base_url;
    if !url.is_https() && !url.is_loopback() {
        add(
            "server.public_base_url",
            format!(
                "{url} is not https: whoever listens reads codes and passwords, and cookies are not bound to https"
            ),
            "put TLS in front of it, and set server.public_base_url = \"https://…\"",
        );
    }
    if config.server.allow_public_registration {
        add(
            "server.allow_public_registration",
            "everybody who reaches the public address may make an account".to_owned(),
            "server.allow_public_registration = false, unless that is meant",
        );
    }
    let Passwords { memory_kib, iterations, .. } = config.passwords;
    // OWASP's least: 19 MiB in two passes, or more memory in one.
    if u64::from(memory_kib) * u64::from(iterations) < 2 * 19_456 {
        add(
            "passwords.memory_kib",
            format!("{memory_kib} KiB in {iterations} passes are less than what is recommended against guessing"),
            "passwords.memory_kib = 19456 and passwords.iterations = 2",
        );
    }
    for (setting, lifetime, most, fix) in [
        (
            "oidc.access_token_lifetime",
            config.oidc.access_token_lifetime,
            Seconds::new(3600),
            "oidc.access_token_lifetime = \"10m\"; refresh tokens are for what lasts longer",
        ),
        (
            "oidc.authorization_code_lifetime",
            config.oidc.authorization_code_lifetime,
            Seconds::new(300),
            "oidc.authorization_code_lifetime = \"60s\"",
        ),
        (
            "oidc.session_lifetime",
            config.oidc.session_lifetime,
            Seconds::new(30 * 86_400),
            "oidc.session_lifetime = \"12h\"",
        ),
    ] {
        if lifetime > most {
            add(setting, format!("{lifetime} is long: who steals one has it for all of that"), fix);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_wise() {
        assert_eq!(advice(&Config::default()), []);
    }

    #[test]
    fn each_unwise_value_is_named() {
        let mut config = Config::default();
        config.server.public_base_url = "http://auth.example.com".parse().unwrap();
        config.server.allow_public_registration = true;
        config.passwords.memory_kib = 64;
        config.oidc.access_token_lifetime = Seconds::new(86_400);
        let settings: Vec<_> = advice(&config).into_iter().map(|advice| advice.setting).collect();
        assert_eq!(
            settings,
            [
                "server.public_base_url",
                "server.allow_public_registration",
                "passwords.memory_kib",
                "oidc.access_token_lifetime"
            ]
        );
    }
}
