//! Client assertions of any bytes: nothing fits that must not.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| barycenterd::oidc::fuzzing::client_assertion(bytes));
