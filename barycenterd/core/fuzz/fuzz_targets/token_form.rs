//! Token forms of any bytes: each parameter once.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| barycenterd::oidc::fuzzing::token_form(bytes));
