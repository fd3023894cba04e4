//! Where the database is. The URL may hold a password, so it shows itself without, and no message repeats it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::sqlite::SqliteConnectOptions;
use url::Url;

use crate::secret::Secret;

/// Which database a URL leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database's URL. Whatever shows it hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    text: String,
    /// The file; none: a PostgreSQL server.
    path: Option<PathBuf>,
}

impl DatabaseUrl {
    /// Returns the URL with its password. Every call deserves a look: where does it go?
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns which kind of database it leads to.
    #[must_use]
    pub fn backend(&self) -> Backend {
        if self.path.is_some() { Backend::Sqlite } else { Backend::Postgres }
    }

    /// Returns the SQLite file; `None` for a server.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the URL with another password.
    ///
    /// # Errors
    /// When there is no user that it could belong to.
    pub(super) fn with_password(&self, password: &Secret) -> Result<Self, String> {
        if self.backend() == Backend::Sqlite {
            return Err("an SQLite database has no password; remove it, or give the URL of a server".to_owned());
        }
        let mut url = Url::parse(&self.text).map_err(|_| "database.url is not a URL".to_owned())?;
        if url.username().is_empty() {
            return Err("a password needs a user in database.url: postgresql://USER@HOST/DATABASE".to_owned());
        }
        // A password among the parameters would win over this one.
        replace_passwords(&mut url, None);
        // `set_password` leaves a percent sign as it is, and whoever reads the URL would decode it.
        let password = Secret::new(password.expose().replace('%', "%25"));
        url.set_password(Some(password.expose())).map_err(|()| "database.url names no host to log in to".to_owned())?;
        Ok(Self { text: url.into(), path: None })
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("sqlite:") { sqlite(text) } else { postgres(text) }
    }
}

fn sqlite(text: &str) -> Result<DatabaseUrl, String> {
    // Read by the library that will open it, so that both mean the same file.
    let options: SqliteConnectOptions = text.parse().map_err(|error| match error {
        sqlx::Error::Configuration(reason) => reason.to_string(),
        other => other.to_string(),
    })?;
    let rest = text.strip_prefix("sqlite:").unwrap_or(text);
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let in_memory =
        url::form_urlencoded::parse(parameters.as_bytes()).any(|(key, value)| key == "mode" && value == "memory");
    if in_memory || place.trim_start_matches('/') == ":memory:" {
        return Err("a database in memory is lost as soon as no connection is open; name a file".to_owned());
    }
    let path = options.get_filename().to_owned();
    if path.as_os_str().is_empty() {
        return Err("the URL names no file; write it like sqlite:///data/barycenter.db?mode=rwc".to_owned());
    }
    Ok(DatabaseUrl { text: text.to_owned(), path: Some(path) })
}

fn postgres(text: &str) -> Result<DatabaseUrl, String> {
    const FORM: &str = "write it like postgresql://USER@HOST:5432/DATABASE";
    const ENCODE: &str = "special characters of a password must be percent-encoded, or give it as database.password";
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(format!("is not the URL of a database; {FORM}"));
    };
    if !matches!(scheme, "postgres" | "postgresql") {
        return Err(format!("{scheme}: is not a kind of database that can be used; use sqlite: or postgresql:"));
    }
    let url = Url::parse(text).map_err(|error| format!("is not a URL ({error}); {FORM}; {ENCODE}"))?;
    // In `user:12/34@host` the user has become the host, and the password a path that would be shown.
    if url.fragment().is_some() || (url.username().is_empty() && rest.contains('@')) {
        return Err(format!("cannot be told apart into user, host and database; {ENCODE}"));
    }
    Ok(DatabaseUrl { text: text.to_owned(), path: None })
}

/// Replaces, or with `None` removes, the passwords among the parameters, where libpq takes one too.
fn replace_passwords(url: &mut Url, with: Option<&str>) {
    let is_password = |key: &str| key.to_lowercase().contains("password");
    if !url.query_pairs().any(|(key, _)| is_password(&key)) {
        return;
    }
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .into_owned()
        .filter_map(|(key, value)| if is_password(&key) { Some((key, with?.to_owned())) } else { Some((key, value)) })
        .collect();
    if pairs.is_empty() {
        url.set_query(None);
    } else {
        url.query_pairs_mut().clear().extend_pairs(pairs);
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.backend() == Backend::Sqlite {
            return formatter.write_str(&self.text);
        }
        let Ok(mut url) = Url::parse(&self.text) else { return formatter.write_str("(hidden)") };
        if url.password().is_some() && url.set_password(Some("***")).is_err() {
            return formatter.write_str("(hidden)");
        }
        replace_passwords(&mut url, Some("***"));
        write!(formatter, "{url}")
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn parse(text: &str) -> DatabaseUrl {
        text.parse().unwrap()
    }

    #[test]
    fn sqlite_urls_name_their_file() {
        for (text, path) in [
            ("sqlite:///data/barycenter.db?mode=rwc", "/data/barycenter.db"),
            ("sqlite://./data/x.db", "./data/x.db"),
            ("sqlite://data/x.db", "data/x.db"),
            ("sqlite:x.db", "x.db"),
            ("sqlite:/data/a%20b.db", "/data/a b.db"),
        ] {
            let url = parse(text);
            assert_eq!((url.backend(), url.sqlite_path()), (Backend::Sqlite, Some(Path::new(path))));
        }
    }

    #[test]
    fn sqlite_urls_without_a_lasting_file_are_refused() {
        for text in [
            "sqlite:",
            "sqlite://",
            "sqlite://?mode=rwc",
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite:x?mode=memory",
        ] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
        assert_eq!(
            "sqlite:x.db?mode=create".parse::<DatabaseUrl>().unwrap_err(),
            "unknown value \"create\" for `mode`"
        );
    }

    #[test]
    fn the_password_is_replaced_whatever_it_holds() {
        for password in ["plain", "p@ss w/rd:?#[]", "a%41b", "100%", "ü\n\"'"] {
            for text in
                ["postgresql://barycenter@db/b", "postgres://barycenter:old@db:5432/b?password=older&sslmode=require"]
            {
                let url = parse(text).with_password(&Secret::new(password)).unwrap();
                let read = Url::parse(url.expose()).unwrap();
                let encoded = read.password().unwrap().replace('+', "%2B");
                let decoded: Vec<(Cow<'_, str>, Cow<'_, str>)> =
                    url::form_urlencoded::parse(encoded.as_bytes()).collect();
                assert_eq!(decoded[0].0, password, "{}", url.expose());
                assert_eq!((read.username(), read.host_str(), read.path()), ("barycenter", Some("db"), "/b"));
                assert!(!url.expose().contains("old"), "{}", url.expose());
            }
        }
    }

    #[test]
    fn a_password_needs_a_server_and_a_user() {
        for text in ["sqlite:x.db", "postgresql://db/b", "postgresql:///b"] {
            assert!(parse(text).with_password(&Secret::new("p")).is_err(), "{text}");
        }
    }

    #[test]
    fn whatever_is_shown_hides_the_password() {
        for (text, shown) in [
            ("postgresql://barycenter:canary@host:5432/db", "postgresql://barycenter:***@host:5432/db"),
            ("postgres://barycenter@host/db", "postgres://barycenter@host/db"),
            ("postgres://u@h/d?sslmode=require&PassWord=canary", "postgres://u@h/d?sslmode=require&PassWord=***"),
            ("postgres://u@h/d?p%61ssword=canary", "postgres://u@h/d?password=***"),
        ] {
            assert_eq!(format!("{} {0:?}", parse(text)), format!("{shown} {shown}"));
        }
    }

    #[test]
    fn what_is_no_database_is_refused_without_repeating_it() {
        for text in [
            "mysql://root:canary@db/x",
            "canary",
            "canary:x",
            "postgresql:canary",
            "postgresql://u:12#canary@h/d",
            "postgresql://u:12/canary@h/d",
            "postgresql://u:12?canary@h/d",
            "postgresql://u:canary#x@h/d",
            "postgresql://u:canary@[::/d",
        ] {
            let reason = text.parse::<DatabaseUrl>().unwrap_err();
            assert!(!reason.contains("canary"), "{reason}");
        }
    }
}
