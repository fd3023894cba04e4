//! `/livez` and `/readyz` of a server's admin port: anybody may ask, and no token is sent.

use std::time::Duration;

use crate::admin_api::connection::{client, innermost};
use crate::error::{CtlError, Exit};
use crate::settings::ServerSettings;

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Whether the status is 200.
    pub(crate) ok: bool,
    /// The text, a line for each check.
    pub(crate) text: String,
}

impl Answer {
    /// Returns whether a check of `?verbose` is in order; `None` if it is not among them.
    pub(crate) fn check(&self, name: &str) -> Option<bool> {
        self.text.lines().find_map(|line| {
            let (sign, rest) = line.split_once(' ')?;
            (rest.split(':').next()? == name).then_some(sign == "[+]")
        })
    }

    /// Returns what is wrong, on one line.
    pub(crate) fn faults(&self) -> String {
        let faults: Vec<&str> = self.text.lines().filter_map(|line| line.strip_prefix("[-] ")).collect();
        if faults.is_empty() { self.text.trim().to_owned() } else { faults.join(", ") }
    }
}

/// Asks `path` of a server.
///
/// # Errors
/// When no answer comes.
pub(crate) async fn probe(settings: &ServerSettings, path: &str, timeout: Duration) -> Result<Answer, CtlError> {
    let http = client(&settings.url, settings.ca_file.as_deref(), timeout)?;
    let address = settings.address();
    let unreachable = |error: reqwest::Error| {
        let why = if error.is_timeout() { format!("no answer within {timeout:?}") } else { innermost(&error) };
        CtlError::new(Exit::Unavailable, format!("cannot reach {address}: {why}"))
            .hint("is barycenterd running, and is this its admin port?")
    };
    let response = http.get(format!("{address}{path}")).timeout(timeout).send().await.map_err(unreachable)?;
    let ok = response.status().as_u16() == 200;
    let text = response.text().await.map_err(unreachable)?;
    Ok(Answer { ok, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_verbose_answer_are_checks() {
        let text = "[+] running: ok\n[-] database: does not answer\n[-] migrations: unknown\nnot ready".to_owned();
        let answer = Answer { ok: false, text };
        assert_eq!(answer.check("running"), Some(true));
        assert_eq!(answer.check("database"), Some(false));
        assert_eq!(answer.check("nothing"), None);
        assert_eq!(answer.faults(), "database: does not answer, migrations: unknown");
        assert_eq!(Answer { ok: false, text: "busy\n".to_owned() }.faults(), "busy");
    }
}
