//! A private key of any kind that signs tokens: RSA, P-256 or Ed25519, read from every common encoding.
//!
//! The parsed key is kept, so that a signature costs the signature only.

use aws_lc_rs::encoding::AsBigEndian as _;
use aws_lc_rs::encoding::{AsDer as _, Curve25519SeedBin, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use rustls_pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::model::{KeyId, SigningAlgorithm};

/// What is wrong with a private key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PrivateKeyError {
    /// Not RSA, P-256 or Ed25519, or damaged.
    #[error("is not a private key of a kind that can be used: RSA (2048 to 8192 bits), P-256 or Ed25519")]
    Unusable,
    /// The cryptographic library failed.
    #[error("the cryptographic library refused the operation")]
    Cryptography,
}

impl From<aws_lc_rs::error::Unspecified> for PrivateKeyError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Cryptography
    }
}

/// A private key; its kind decides the algorithm.
pub(super) enum PrivateKey {
    Rsa(Box<rsa::KeyPair>),
    P256(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl PrivateKey {
    /// Makes a new key for an algorithm; RSA keys have 2048 bits.
    pub(super) fn generate(algorithm: SigningAlgorithm) -> Result<Self, PrivateKeyError> {
        Ok(match algorithm {
            SigningAlgorithm::Rs256 => Self::Rsa(Box::new(rsa::KeyPair::generate(rsa::KeySize::Rsa2048)?)),
            SigningAlgorithm::Es256 => Self::P256(Box::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?)),
            SigningAlgorithm::EdDsa => Self::Ed25519(Box::new(Ed25519KeyPair::generate()?)),
        })
    }

    /// Reads PKCS#8, PKCS#1 or SEC1.
    pub(super) fn from_der(der: &PrivateKeyDer<'_>) -> Result<Self, PrivateKeyError> {
        let bytes = der.secret_der();
        let rsa = match der {
            PrivateKeyDer::Pkcs1(_) => rsa::KeyPair::from_der(bytes),
            _ => rsa::KeyPair::from_pkcs8(bytes),
        };
        if let Ok(key) = rsa {
            return Ok(Self::Rsa(Box::new(key)));
        }
        if let Ok(key) = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes) {
            return Ok(Self::P256(Box::new(key)));
        }
        let key = Ed25519KeyPair::from_pkcs8(bytes).map_err(|_| PrivateKeyError::Unusable)?;
        Ok(Self::Ed25519(Box::new(key)))
    }

    /// Reads PKCS#8.
    pub(super) fn from_pkcs8(bytes: &[u8]) -> Result<Self, PrivateKeyError> {
        Self::from_der(&PrivateKeyDer::Pkcs8(bytes.into()))
    }

    /// Writes PKCS#8.
    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
        let bytes = match self {
            Self::Rsa(key) => {
                let der: Pkcs8V1Der<'_> = key.as_der()?;
                der.as_ref().to_vec()
            }
            Self::P256(key) => key.to_pkcs8v1()?.as_ref().to_vec(),
            Self::Ed25519(key) => key.to_pkcs8v1()?.as_ref().to_vec(),
        };
        Ok(Zeroizing::new(bytes))
    }

    /// Returns the secret itself in one form per kind, whatever file it came from: what other keys are derived from.
    pub(super) fn secret(&self) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
        let bytes = match self {
            Self::Rsa(_) => return self.to_pkcs8(),
            Self::P256(key) => {
                let scalar: EcPrivateKeyBin<'_> = key.private_key().as_be_bytes()?;
                scalar.as_ref().to_vec()
            }
            Self::Ed25519(key) => {
                let seed: Curve25519SeedBin<'_> = key.seed()?.as_be_bytes()?;
                seed.as_ref().to_vec()
            }
        };
        Ok(Zeroizing::new(bytes))
    }

    /// Returns the algorithm that this kind of key signs with.
    pub(super) fn algorithm(&self) -> SigningAlgorithm {
        match self {
            Self::Rsa(_) => SigningAlgorithm::Rs256,
            Self::P256(_) => SigningAlgorithm::Es256,
            Self::Ed25519(_) => SigningAlgorithm::EdDsa,
        }
    }

    /// Signs as JWS wants it (RFC 7515 section 5.1): ECDSA signatures are r and s, 64 bytes (RFC 7518 section 3.4).
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PrivateKeyError> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::P256(key) => Ok(key.sign(&random, message)?.as_ref().to_vec()),
            Self::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }

    /// Returns the public half as it is published (RFC 7517), and its `kid`, the RFC 7638 thumbprint.
    pub(super) fn public_jwk(&self) -> Result<(KeyId, Value), PrivateKeyError> {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match self {
            Self::Rsa(key) => {
                let public = key.public_key();
                json!({
                    "kty": "RSA",
                    "n": encode(public.modulus().big_endian_without_leading_zero()),
                    "e": encode(public.exponent().big_endian_without_leading_zero()),
                })
            }
            Self::P256(key) => {
                // An uncompressed point: 0x04, x, y (SEC 1 section 2.3.3).
                let (x, y) =
                    key.public_key().as_ref().get(1..).unwrap_or_default().split_at_checked(32).unwrap_or_default();
                json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) })
            }
            Self::Ed25519(key) => json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(key.public_key().as_ref()) }),
        };
        let thumbprint = serde_json::from_value::<Jwk>(jwk.clone())
            .ok()
            .and_then(|jwk| jwk.thumbprint(ThumbprintHash::SHA256).ok())
            .ok_or(PrivateKeyError::Cryptography)?;
        if let Value::Object(members) = &mut jwk {
            members.insert("kid".to_owned(), json!(thumbprint));
            members.insert("use".to_owned(), json!("sig"));
            members.insert("alg".to_owned(), json!(self.algorithm().as_str()));
        }
        Ok((KeyId::new(thumbprint), jwk))
    }
}
