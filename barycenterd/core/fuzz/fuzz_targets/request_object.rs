//! Request objects of any bytes: refused, or parameters that are a form.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| barycenterd::oidc::authorize::fuzzing::request_object(bytes));
