//! Users files of any bytes: refused with their faults, or read alike from the file and from the wire.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| barycenter_core::reconcile::fuzzing::users_file(bytes));
