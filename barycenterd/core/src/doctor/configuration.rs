//! Checks of the settings. That they are free of faults is known already: else nothing would have got this far.

use crate::config::{Config, Provenance, advice};
use crate::doctor::Finding;

/// Makes all checks of the settings: they need nothing but themselves.
pub(super) fn checks(config: &Config) -> Vec<(&'static str, Finding)> {
    vec![
        ("config.file", file(&config.provenance)),
        ("config.base-url", base_url(config)),
        ("config.values", values(config)),
    ]
}

fn file(provenance: &Provenance) -> Finding {
    let Provenance { file, variables } = provenance;
    let file = match file {
        Some(file) => file.display().to_string(),
        None => "no file, built-in defaults".to_owned(),
    };
    Finding::ok(match variables.len() {
        0 => file,
        1 => format!("{file} + 1 variable: {}", variables.concat()),
        count => format!("{file} + {count} variables: {}", variables.join(", ")),
    })
}

fn base_url(config: &Config) -> Finding {
    let url = &config.server.public_base_url;
    match advice(config).into_iter().find(|advice| advice.setting == "server.public_base_url") {
        Some(advice) => Finding::failed(advice.message, advice.fix),
        None if url.is_https() => Finding::ok(format!("{url}, cookies are for https only")),
        None => Finding::ok(format!("{url}, on this machine only")),
    }
}

fn values(config: &Config) -> Finding {
    let others = advice(config).into_iter().filter(|advice| advice.setting != "server.public_base_url");
    let findings = others.map(|advice| Finding::warning(format!("{}: {}", advice.setting, advice.message), advice.fix));
    Finding::worst(findings.collect(), Finding::ok("lifetimes and the costs of passwords are in order"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn every_variable_is_named_and_no_value() {
        let provenance = Provenance {
            file: Some("/app/config.toml".into()),
            variables: vec!["BARYCENTER__ADMIN__TOKEN".to_owned(), "BARYCENTER__SERVER__PORT".to_owned()],
        };
        assert_eq!(
            file(&provenance).message,
            "/app/config.toml + 2 variables: BARYCENTER__ADMIN__TOKEN, BARYCENTER__SERVER__PORT"
        );
        assert_eq!(file(&Provenance::default()).message, "no file, built-in defaults");
    }

    #[test]
    fn an_issuer_over_http_fails_and_loopback_does_not() {
        let mut config = Config::default();
        assert_eq!(base_url(&config).status, Status::Ok);
        config.server.public_base_url = "http://auth.example.com".parse().unwrap();
        assert_eq!(base_url(&config).status, Status::Failed);
        assert_eq!(values(&config).status, Status::Ok);
        config.passwords.iterations = 1;
        assert_eq!(values(&config).status, Status::Warning);
    }
}
