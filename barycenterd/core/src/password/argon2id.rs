//! Argon2 with memory that goes back to the system after every hash.
//!
//! The C library's allocator maps a block of more than 32 MiB by itself and unmaps it when it is freed; a smaller one
//! it keeps for the next, in an arena of every thread that ever hashed. So the scratch memory is asked for as if it
//! were larger; what is not written is never backed by real memory.

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use crate::password::{HashingError, PasswordHash};
use crate::secret::random_bytes;

/// What the C library maps by itself, in bytes, whatever was freed before (glibc: `DEFAULT_MMAP_THRESHOLD_MAX`).
const ALWAYS_MAPPED: usize = 33 * 1024 * 1024;

/// The digest's length in bytes.
const OUTPUT: usize = 32;

impl From<argon2::Error> for HashingError {
    fn from(error: argon2::Error) -> Self {
        Self::Argon2(error.to_string())
    }
}

/// Hashes with a new random salt of 16 bytes.
pub(super) fn hash(parameters: &Params, password: &str) -> Result<PasswordHash, HashingError> {
    let salt: [u8; 16] = random_bytes();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters.clone());
    let mut output = Zeroizing::new([0; OUTPUT]);
    argon2.hash_password_into_with_memory(password.as_bytes(), &salt, &mut *output, scratch(parameters))?;
    Ok(PasswordHash::from_stored(format!(
        "$argon2id$v=19$m={},t={},p={}${}${}",
        parameters.m_cost(),
        parameters.t_cost(),
        parameters.p_cost(),
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(*output),
    )))
}

/// Returns whether the password is the one behind the hash, with the parameters that stand in the hash.
pub(super) fn verify(hash: &PasswordHash, password: &str) -> Result<bool, HashingError> {
    let unreadable = || HashingError::Argon2("the stored hash is not an Argon2 hash in PHC format".to_owned());
    let parsed = phc::PasswordHash::new(hash.as_str()).map_err(|_| unreadable())?;
    let (Some(salt), Some(expected)) = (&parsed.salt, &parsed.hash) else { return Err(unreadable()) };
    let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).map_err(|_| unreadable())?;
    let version = parsed.version.map_or(Ok(Version::V0x13), Version::try_from).map_err(|_| unreadable())?;
    let parameters = Params::try_from(&parsed).map_err(|_| unreadable())?;
    let memory = scratch(&parameters);
    let mut output = Zeroizing::new(vec![0; expected.len()]);
    Argon2::new(algorithm, version, parameters).hash_password_into_with_memory(
        password.as_bytes(),
        salt.as_ref(),
        &mut output,
        memory,
    )?;
    Ok(verify_slices_are_equal(&output, expected.as_bytes()).is_ok())
}

/// Returns the blocks that a hash works on.
fn scratch(parameters: &Params) -> Vec<Block> {
    let count = parameters.block_count();
    let mut blocks = Vec::with_capacity(count.max(ALWAYS_MAPPED / Block::SIZE));
    blocks.resize(count, Block::default());
    blocks
}
