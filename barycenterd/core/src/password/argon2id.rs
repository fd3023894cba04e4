//! Argon2 with memory that goes back to the system after every hash, or after a lot of them that used it in turn. This
//! program makes Argon2id; Argon2i of others is verified.
//!
//! The C library's allocator maps a block of more than 32 MiB by itself and unmaps it when it is freed; a smaller one
//! it keeps for the next, in an arena of every thread that ever hashed. So the scratch memory is asked for as if it
//! were larger; what is not written is never backed by real memory.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use crate::password::hash_format::{
    LANES, MEMORY_MIB, Origin, PasswordHashError, decode, limited, parameters, required, sound_digest, sound_salt,
};
use crate::password::{HashingError, PasswordHash};
use crate::secret::random_bytes;

/// What the C library maps by itself, in bytes, whatever was freed before (glibc: `DEFAULT_MMAP_THRESHOLD_MAX`).
const ALWAYS_MAPPED: usize = 33 * 1024 * 1024;

/// The length in bytes of the digests that are made here.
const OUTPUT: usize = 32;

impl From<argon2::Error> for HashingError {
    fn from(error: argon2::Error) -> Self {
        Self::Argon2(error.to_string())
    }
}

/// The memory of one hash, to be used again by the next.
pub(super) struct Scratch(Vec<Block>);

impl Scratch {
    pub(super) fn new(parameters: &Params) -> Self {
        Self(scratch(parameters))
    }
}

/// Hashes with a new random salt of 16 bytes.
pub(super) fn hash(parameters: &Params, password: &str, scratch: &mut Scratch) -> Result<PasswordHash, HashingError> {
    let salt: [u8; 16] = random_bytes();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters.clone());
    let mut output = Zeroizing::new([0; OUTPUT]);
    argon2.hash_password_into_with_memory(password.as_bytes(), &salt, &mut *output, &mut scratch.0)?;
    Ok(PasswordHash::from_stored(format!(
        "$argon2id$v=19$m={},t={},p={}${}${}",
        parameters.m_cost(),
        parameters.t_cost(),
        parameters.p_cost(),
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(*output),
    )))
}

/// An Argon2 hash taken apart.
pub(super) struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    parameters: Params,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl Argon2Hash {
    /// Reads what follows `$argon2id$`. A hash that names no version is of the first, 16, as the reference
    /// implementation has it.
    pub(super) fn read(algorithm: Algorithm, fields: &[&str], origin: Origin) -> Result<Self, PasswordHashError> {
        let (version, cost, salt, digest) = match fields {
            ["v=19", cost, salt, digest] => (Version::V0x13, cost, salt, digest),
            ["v=16", cost, salt, digest] | [cost, salt, digest] => (Version::V0x10, cost, salt, digest),
            _ => {
                let shape = "Argon2 has four fields: the version, v=19 or v=16, the parameters, the salt, the digest";
                return Err(PasswordHashError::Malformed(shape));
            }
        };
        let [memory, passes, lanes] = parameters(cost, ["m", "t", "p"])?;
        let (most_memory, most_passes, most_lanes) = match origin {
            Origin::Foreign => (MEMORY_MIB, 16, LANES),
            // What may be configured under [passwords].
            Origin::Stored => (1024, 64, 64),
        };
        let memory = required(memory)?;
        limited(memory.div_ceil(1024), most_memory, "MiB of memory")?;
        let parameters = Params::new(
            limited(memory, most_memory * 1024, "KiB of memory")?,
            limited(required(passes)?, most_passes, "passes over the memory")?,
            limited(required(lanes)?, most_lanes, "lanes")?,
            None,
        )
        .map_err(|_| PasswordHashError::Malformed("Argon2 does not take these parameters"))?;
        let (salt, digest) = (sound_salt(decode(salt)?)?, sound_digest(decode(digest)?)?);
        Ok(Self { algorithm, version, parameters, salt, digest })
    }

    /// Returns whether a new hash with these parameters would be no better.
    pub(super) fn is_current(&self, parameters: &Params) -> bool {
        let cost = |parameters: &Params| (parameters.m_cost(), parameters.t_cost(), parameters.p_cost());
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && cost(&self.parameters) == cost(parameters)
            && self.digest.len() == OUTPUT
    }

    /// Returns whether the password is the one behind the hash, with the parameters that stand in the hash.
    pub(super) fn verify(&self, password: &str) -> Result<bool, HashingError> {
        let mut computed = Zeroizing::new(vec![0; self.digest.len()]);
        Argon2::new(self.algorithm, self.version, self.parameters.clone()).hash_password_into_with_memory(
            password.as_bytes(),
            &self.salt,
            &mut computed,
            scratch(&self.parameters),
        )?;
        Ok(verify_slices_are_equal(&computed, &self.digest).is_ok())
    }
}

/// Returns the blocks that a hash works on.
fn scratch(parameters: &Params) -> Vec<Block> {
    let count = parameters.block_count();
    let mut blocks = Vec::with_capacity(count.max(ALWAYS_MAPPED / Block::SIZE));
    blocks.resize(count, Block::default());
    blocks
}
