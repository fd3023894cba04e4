//! DPoP proofs of any bytes: nobody is believed without a signature.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| barycenterd::oidc::fuzzing::dpop_proof(bytes));
