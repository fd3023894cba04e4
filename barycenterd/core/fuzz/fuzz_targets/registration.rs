//! Registrations of any bytes: no client decides what only an operator may.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| barycenterd::oidc::fuzzing::registration(bytes));
