//! TLS on a listener, where no proxy ends it: a certificate and a key from files, read again when they change.
//!
//! A pair is used only if it is whole: at the start anything else is an error, later the pair before it stays in use
//! and the log says why. The kubelet and ACME clients replace both files one after the other: what does not fit
//! together yet is looked at again.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use barycenter_core::config::Config;
use barycenter_core::secret::Digest;
use futures_util::Stream;
use futures_util::stream;
use poem::listener::{RustlsCertificate, RustlsConfig};
use rustls::crypto::aws_lc_rs;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use tokio::time::sleep;

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(5);

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
#[error("the certificate {} and the key {} ({keys}) cannot be used: {reason}", certificate.display(), key.display())]
pub struct TlsError {
    certificate: PathBuf,
    key: PathBuf,
    keys: &'static str,
    reason: String,
}

/// Where a listener's certificate lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    /// The settings that name them.
    keys: &'static str,
}

impl Files {
    /// Returns where the public listener's certificate lies, if it has one.
    pub(super) fn of_public(config: &Config) -> Option<Self> {
        let server = &config.server;
        let (certificate, key) = server.tls_certificate_file.clone().zip(server.tls_key_file.clone())?;
        Some(Self { certificate, key, keys: "server.tls_certificate_file, server.tls_key_file" })
    }

    /// Returns where the admin listener's certificate lies, if it has one.
    pub(super) fn of_admin(config: &Config) -> Option<Self> {
        let server = &config.server;
        let (certificate, key) = server.admin_tls_certificate_file.clone().zip(server.admin_tls_key_file.clone())?;
        Some(Self { certificate, key, keys: "server.admin_tls_certificate_file, server.admin_tls_key_file" })
    }

    /// Reads both.
    ///
    /// # Errors
    /// When they cannot be read or do not belong together.
    pub(super) fn read(&self) -> Result<Pair, TlsError> {
        let refused = |reason: String| {
            let Self { certificate, key, keys } = self.clone();
            TlsError { certificate, key, keys, reason }
        };
        let text = |path: &Path| -> Result<Vec<u8>, TlsError> {
            fs::read(path).map_err(|error: io::Error| refused(format!("{} {error}", path.display())))
        };
        let pair = Pair { certificate: text(&self.certificate)?, key: text(&self.key)? };
        pair.check().map_err(refused)?;
        Ok(pair)
    }
}

/// A certificate chain and its key, PEM, that belong together.
pub(super) struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Pair {
    fn check(&self) -> Result<(), String> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| format!("the certificate is not PEM: {error}"))?;
        if chain.is_empty() {
            return Err("the certificate file holds no certificate (PEM)".to_owned());
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| {
            "the key file holds no private key (PEM: PKCS#8, PKCS#1 or SEC1, without a passphrase)".to_owned()
        })?;
        CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map(drop).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => "the key is not the certificate's".to_owned(),
            error => error.to_string(),
        })
    }

    /// Tells this pair from others.
    fn digest(&self) -> Digest {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Digest::of(&format!("{}\n{}", text(&self.certificate), text(&self.key)))
    }

    fn into_config(self) -> RustlsConfig {
        RustlsConfig::new().fallback(RustlsCertificate::new().cert(self.certificate).key(self.key))
    }
}

/// Returns `first`, and from then on whatever is new and sound.
pub(super) fn configurations(files: Files, first: Pair) -> impl Stream<Item = RustlsConfig> + Send + Unpin + 'static {
    let start = (files, Some(first), None);
    Box::pin(stream::unfold(start, |(files, first, used): (Files, Option<Pair>, Option<Digest>)| async move {
        let pair = match (first, &used) {
            (Some(first), _) => first,
            (None, used) => next(&files, used.as_ref()).await,
        };
        let digest = pair.digest();
        Some((pair.into_config(), (files, None, Some(digest))))
    }))
}

/// Waits for a pair that is sound and not `used`.
async fn next(files: &Files, used: Option<&Digest>) -> Pair {
    let mut told = None;
    loop {
        sleep(INTERVAL).await;
        match files.read() {
            Ok(pair) if used.is_some_and(|used| used.matches(&pair.digest())) => told = None,
            Ok(pair) => {
                tracing::info!(certificate = %files.certificate.display(), "the certificate is replaced");
                return pair;
            }
            Err(error) => {
                let text = error.to_string();
                if told.as_ref() != Some(&text) {
                    tracing::error!(%error, "the certificate before it stays in use");
                    told = Some(text);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a self-signed certificate and its key.
    fn generate() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    fn files(certificate: &str, key: &str) -> (Files, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let (certificate_file, key_file) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
        fs::write(&certificate_file, certificate).unwrap();
        fs::write(&key_file, key).unwrap();
        (Files { certificate: certificate_file, key: key_file, keys: "the settings" }, folder)
    }

    #[test]
    fn only_a_certificate_and_its_own_key_are_used() {
        let ((own, its_key), (_, other_key)) = (generate(), generate());
        assert!(files(&own, &its_key).0.read().is_ok());
        for (certificate, key, reason) in [
            (own.as_str(), other_key.as_str(), "the key is not the certificate's"),
            ("", &its_key, "holds no certificate"),
            (&own, "nonsense", "holds no private key"),
            (&own, &own, "holds no private key"),
        ] {
            let (files, _folder) = files(certificate, key);
            let error = files.read().map(drop).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains("the settings"), "{error}");
        }
        let (mut missing, _folder) = files(&own, &its_key);
        missing.key = "no/such/file".into();
        assert!(missing.read().map(drop).unwrap_err().to_string().contains("no/such/file"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pair_that_is_not_whole_leaves_the_one_before_it_in_use() {
        let ((own, its_key), (_, other_key)) = (generate(), generate());
        let (files, _folder) = files(&own, &its_key);
        let used = files.read().unwrap().digest();
        fs::write(&files.key, other_key).unwrap();
        let waiting = next(&files, Some(&used));
        tokio::pin!(waiting);
        assert!(tokio::time::timeout(INTERVAL * 3, &mut waiting).await.is_err());
        // The same pair as before is no news either; with another chain behind it, it is.
        fs::write(&files.key, its_key).unwrap();
        assert!(tokio::time::timeout(INTERVAL * 3, &mut waiting).await.is_err());
        fs::write(&files.certificate, format!("{own}{own}")).unwrap();
        assert!(tokio::time::timeout(INTERVAL * 3, &mut waiting).await.is_ok());
    }
}
