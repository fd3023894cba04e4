//! Passwords of a Keycloak realm: a credential of the type `password`, as a realm export holds it, becomes a hash in
//! PHC string format.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::Deserialize;

use crate::password::{PasswordHash, PasswordHashError};

/// `credentialData`: a JSON text within the export's JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialData {
    hash_iterations: u32,
    algorithm: String,
    #[serde(default)]
    additional_parameters: Option<HashMap<String, Vec<String>>>,
}

/// `secretData`: likewise.
#[derive(Deserialize)]
struct SecretData {
    value: String,
    salt: String,
}

/// Returns the hash of a Keycloak credential, from the two JSON texts that its `credentialData` and `secretData` are.
///
/// The algorithms `pbkdf2` (SHA-1), `pbkdf2-sha256`, `pbkdf2-sha512` and `argon2` are known; the limits are those of
/// [`PasswordHash::parse`].
///
/// # Errors
/// When the texts are not as Keycloak writes them, or the hash is not one that is accepted. The error holds no part of
/// the texts.
pub fn from_keycloak(credential_data: &str, secret_data: &str) -> Result<PasswordHash, PasswordHashError> {
    let wrong = PasswordHashError::KeycloakCredential;
    // The JSON errors would quote what they met.
    let credential: CredentialData = serde_json::from_str(credential_data)
        .map_err(|_| wrong("credentialData is not JSON with hashIterations and algorithm"))?;
    let secret: SecretData =
        serde_json::from_str(secret_data).map_err(|_| wrong("secretData is not JSON with value and salt"))?;
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| wrong("value or salt is not base64"));
    let (digest, salt) = (decode(&secret.value)?, decode(&secret.salt)?);
    let cost = match credential.algorithm.as_str() {
        "pbkdf2" => pbkdf2("pbkdf2-sha1", &credential, digest.len()),
        "pbkdf2-sha256" => pbkdf2("pbkdf2-sha256", &credential, digest.len()),
        "pbkdf2-sha512" => pbkdf2("pbkdf2-sha512", &credential, digest.len()),
        "argon2" => argon2(&credential)?,
        _ => return Err(PasswordHashError::KeycloakAlgorithm),
    };
    PasswordHash::parse(&format!("{cost}${}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(digest)))
}

/// Returns the part of the hash that comes before the salt.
fn pbkdf2(name: &str, credential: &CredentialData, length: usize) -> String {
    format!("${name}$i={},l={length}", credential.hash_iterations)
}

/// Returns the part of the hash that comes before the salt. Keycloak calls the passes iterations, too.
fn argon2(credential: &CredentialData) -> Result<String, PasswordHashError> {
    let parameter = |name: &str| {
        let values = credential.additional_parameters.as_ref().and_then(|parameters| parameters.get(name));
        values.and_then(|values| values.first()).map(String::as_str)
    };
    let number = |name: &str| parameter(name).and_then(|text| text.parse::<u32>().ok());
    let wrong = "argon2 needs type, version, memory and parallelism";
    let wrong = PasswordHashError::KeycloakCredential(wrong);
    let variant = match parameter("type").ok_or(wrong)? {
        "id" => "argon2id",
        "i" => "argon2i",
        "d" => return Err(PasswordHashError::Argon2d),
        _ => return Err(wrong),
    };
    let version = match parameter("version").ok_or(wrong)? {
        "1.3" => 19,
        "1.0" => 16,
        _ => return Err(wrong),
    };
    let (memory, lanes) = (number("memory").ok_or(wrong)?, number("parallelism").ok_or(wrong)?);
    Ok(format!("${variant}$v={version}$m={memory},t={},p={lanes}", credential.hash_iterations))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Passwords;
    use crate::password::PasswordHasher;
    use crate::secret::Secret;

    const ARGON2: &str = r#"{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],
        "memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}"#;

    fn pbkdf2_data(algorithm: &str, iterations: u32) -> String {
        format!(r#"{{"hashIterations":{iterations},"algorithm":"{algorithm}","additionalParameters":{{}}}}"#)
    }

    fn secret_data(value: &str) -> String {
        format!(r#"{{"value":"{value}","salt":"8PHy8/T19vf4+fr7/P3+/w==","additionalParameters":{{}}}}"#)
    }

    const SHA1: &str = "L7SeR5ljo3GlZr5R/N9J4CQ1hz0b92aI/CSkRbkSDOLLLfwr+i8jmAPRNBgBiVsl04WuRcPicKHIS/bX6R97rg==";
    const SHA256: &str = "FXwLuEKz4ZqNJZAZc0hKMAK777vHs5FP2o37fbYhUdCgcQkqQ9VniJNpuSlZFHSnuE0q1Icq9Bh31ZBn9HIvXw==";
    const SHA512: &str = "Di12Hh6ftAiHvKsX8CfVfENOtuDC43hXptD/3iza95J7bEdPhKSpRMrPIisOS46kT3GbBD5gAJpjcf++kvHAcg==";
    const ARGON2_VALUE: &str = "yJksTfmRpGzl6I7TBcxa/NIyDhIbWr7UKeALQ/F9Pbo=";

    #[tokio::test]
    async fn credentials_of_every_algorithm_sign_in() {
        let hasher = PasswordHasher::new(&Passwords::default()).unwrap();
        for (credential, value, begin) in [
            (pbkdf2_data("pbkdf2", 20_000), SHA1, "$pbkdf2-sha1$i=20000,l=64$8PHy8/T19vf4+fr7/P3+/w$L7Se"),
            (pbkdf2_data("pbkdf2-sha256", 27_500), SHA256, "$pbkdf2-sha256$i=27500,l=64$8PHy8/T1"),
            (pbkdf2_data("pbkdf2-sha512", 30_000), SHA512, "$pbkdf2-sha512$i=30000,l=64$8PHy8/T1"),
            (ARGON2.to_owned(), ARGON2_VALUE, "$argon2id$v=19$m=7168,t=5,p=1$8PHy8/T1"),
        ] {
            let hash = from_keycloak(&credential, &secret_data(value)).unwrap();
            assert!(hash.as_str().starts_with(begin), "{}", hash.as_str());
            assert!(hasher.verify(&Secret::new("correct horse"), Some(&hash)).await.unwrap());
            assert!(!hasher.verify(&Secret::new("battery staple"), Some(&hash)).await.unwrap());
        }
    }

    #[test]
    fn what_keycloak_does_not_write_is_refused_without_being_shown() {
        let good = secret_data(SHA256);
        for (credential, secret, message) in [
            (pbkdf2_data("bcrypt", 10), good.clone(), "the credential's algorithm is not accepted"),
            (pbkdf2_data("pbkdf2-sha256", 10_000_001), good.clone(), "at most 10000000 iterations"),
            (pbkdf2_data("pbkdf2-sha256", 1), secret_data("c2hvcnQ="), "16 to 64 bytes"),
            (pbkdf2_data("pbkdf2-sha256", 1), secret_data("FXwLu!!!"), "not base64"),
            (pbkdf2_data("pbkdf2-sha256", 1), format!(r#"{{"value":"{SHA256}"}}"#), "secretData is not JSON"),
            (pbkdf2_data("pbkdf2-sha256", 1), format!(r#"{{"value":1,"salt":"{SHA256}"}}"#), "secretData is not JSON"),
            (r#"{"hashIterations":-1,"algorithm":"pbkdf2"}"#.to_owned(), good.clone(), "credentialData is not JSON"),
            (ARGON2.replace("\"id\"", "\"d\""), good.clone(), "argon2d is not accepted"),
            (ARGON2.replace("\"1.3\"", "\"2\""), good.clone(), "argon2 needs"),
            (ARGON2.replace("7168", "262145"), good.clone(), "at most 256 MiB of memory"),
            (ARGON2.replace("7168", "1,t=9"), good.clone(), "argon2 needs"),
            (pbkdf2_data("argon2", 5), good, "argon2 needs"),
        ] {
            let error = from_keycloak(&credential, &secret).unwrap_err().to_string();
            assert!(error.contains(message), "{credential}: {error}");
            assert!(!error.contains("FXwL") && !error.contains("8PHy"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn junk_never_panics(credential in ".{0,80}", value in ".{0,40}", algorithm in "argon2|pbkdf2|.{0,8}") {
            let _ = from_keycloak(&credential, &value);
            let _ = from_keycloak(&pbkdf2_data(&algorithm, 1), &secret_data(&value));
        }
    }
}
