//! Authorization requests of any bytes, `claims` among them: refused, or read alike from the database.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| barycenterd::oidc::authorize::fuzzing::authorization_request(bytes));
