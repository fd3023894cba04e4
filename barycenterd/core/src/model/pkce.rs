//! Proof Key for Code Exchange (RFC 7636), method S256 only: `plain` protects against nobody who reads the request.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::secret::Digest;

/// What is wrong with a challenge.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PkceError {
    /// A method other than S256; no method means `plain` (section 4.3).
    #[error("code_challenge_method must be S256")]
    Method,
    /// Not the base64url form of 32 bytes.
    #[error("code_challenge must be the base64url form of a SHA-256 digest: 43 characters")]
    Challenge,
    /// A method without a challenge.
    #[error("code_challenge is missing")]
    Missing,
}

/// The challenge of an authorization request: the digest of the verifier to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Takes the two parameters of a request (section 4.3).
    ///
    /// # Errors
    /// When the method is not S256 or the challenge cannot be a SHA-256 digest.
    pub fn parse(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>, PkceError> {
        match (challenge, method) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(PkceError::Missing),
            (Some(challenge), Some("S256")) => {
                let decodes = URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|bytes| bytes.len() == 32);
                if decodes { Ok(Some(Self(challenge.to_owned()))) } else { Err(PkceError::Challenge) }
            }
            (Some(_), _) => Err(PkceError::Method),
        }
    }

    /// Returns whether `verifier` is well-formed (section 4.1) and has this digest (section 4.6).
    #[must_use]
    pub fn is_met_by(&self, verifier: &str) -> bool {
        let well_formed = (43..=128).contains(&verifier.len())
            && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        let digest = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        well_formed && Digest::from_stored(digest).matches(&Digest::from_stored(self.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc_is_met() {
        let challenge = CodeChallenge::parse(Some(CHALLENGE), Some("S256")).unwrap().unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(&VERIFIER.replace('d', "e")));
        assert!(!challenge.is_met_by("short"));
    }

    #[test]
    fn plain_is_refused() {
        assert_eq!(CodeChallenge::parse(Some(CHALLENGE), Some("plain")), Err(PkceError::Method));
        assert_eq!(CodeChallenge::parse(Some(CHALLENGE), None), Err(PkceError::Method));
        assert_eq!(CodeChallenge::parse(None, Some("S256")), Err(PkceError::Missing));
        assert_eq!(CodeChallenge::parse(Some("abc"), Some("S256")), Err(PkceError::Challenge));
    }
}
