//! Who is calling: whoever has the admin token is the operator and may do everything.
//!
//! The token is configured (`admin.token`, `admin.token_file`), or made at the first start and kept beside the root
//! key, in a file that only the daemon's user can read. It is compared in constant time, by digest.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use barycenter_core::config::Config;
use barycenter_core::secret::{Digest, Secret};
use poem::Request;
use poem::http::header::AUTHORIZATION;
use tempfile::NamedTempFile;
use thiserror::Error;

/// What a generated token begins with, so that scanners recognise one that got lost.
const PREFIX: &str = "bat_";

/// What an operator must show.
#[derive(Debug)]
pub struct AdminToken(Digest);

/// What stops the token from being used.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("the admin token file {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("the admin token file {} cannot be written: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("the admin token file {} {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The configured token cannot be sent in a header.
    #[error("the configured token (admin.token or admin.token_file) {0}")]
    Configured(&'static str),
}

impl AdminToken {
    /// Takes a token.
    #[must_use]
    pub fn new(token: &Secret) -> Self {
        Self(token.digest())
    }

    /// Returns the token of a deployment; makes one at the first start.
    ///
    /// # Errors
    /// When its file cannot be read, written or used.
    pub fn open(config: &Config) -> Result<Self, TokenError> {
        if let Some(token) = &config.admin.token {
            return usable(token.expose()).map(|token| Self::new(&token)).map_err(TokenError::Configured);
        }
        let path = config.admin_token_path();
        if !path.exists() {
            generate(&path)?;
        }
        // Read even what was just written: another process may have been first.
        let text = fs::read_to_string(&path).map_err(|source| TokenError::Unreadable { path: path.clone(), source })?;
        let text = Secret::new(text);
        let token = usable(text.expose()).map_err(|reason| TokenError::Unusable { path, reason })?;
        Ok(Self::new(&token))
    }

    /// Returns whether a request carries the token (RFC 6750 section 2.1).
    pub(super) fn admits(&self, request: &Request) -> bool {
        let mut headers = request.headers().get_all(AUTHORIZATION).iter();
        let (Some(header), None) = (headers.next(), headers.next()) else { return false };
        let Some((scheme, token)) = header.to_str().ok().and_then(|text| text.split_once(' ')) else { return false };
        scheme.eq_ignore_ascii_case("bearer") && self.0.matches(&Digest::of(token.trim_matches(' ')))
    }
}

/// Takes the one line that a token is.
fn usable(text: &str) -> Result<Secret, &'static str> {
    let token = text.trim();
    if token.is_empty() {
        return Err("is empty; it should hold one line of random text, or not exist so that one is made");
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("does not hold one token: one line of ASCII letters, digits and signs");
    }
    Ok(Secret::new(token))
}

/// Writes a new token, whole or not at all, and never over one that is there.
fn generate(path: &Path) -> Result<(), TokenError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let token = Secret::random();
    let write = || -> io::Result<()> {
        let mut file = NamedTempFile::new_in(folder)?;
        writeln!(file, "{PREFIX}{}", token.expose())?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
            _ => fs::File::open(folder)?.sync_all(),
        }
    };
    write().map_err(|source| TokenError::Unwritable { path: path.to_owned(), source })?;
    tracing::info!(path = %path.display(), "made the admin token");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn request(authorization: &[&str]) -> Request {
        authorization.iter().fold(Request::builder(), |request, value| request.header(AUTHORIZATION, *value)).finish()
    }

    #[test]
    fn only_the_token_admits() {
        let token = AdminToken::new(&Secret::new("bat_right"));
        assert!(token.admits(&request(&["Bearer bat_right"])));
        assert!(token.admits(&request(&["bearer  bat_right"])));
        for wrong in [
            &[][..],
            &["Bearer bat_wrong"],
            &["bat_right"],
            &["Basic bat_right"],
            &["Bearer "],
            &["Bearer bat_right", "Bearer bat_right"],
        ] {
            assert!(!token.admits(&request(wrong)), "{wrong:?}");
        }
    }

    #[test]
    fn a_generated_token_is_one_line_for_its_owner_only_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.token");
        generate(&path).unwrap();
        let first = fs::read_to_string(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(first.starts_with(PREFIX) && first.ends_with('\n') && first.lines().count() == 1);
        generate(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), first);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_without_a_token_is_refused() {
        for text in ["", " \n", "two words", "two\nlines"] {
            assert!(usable(text).is_err(), "{text:?}");
        }
        assert_eq!(usable("token\r\n").unwrap().expose(), "token");
    }
}
