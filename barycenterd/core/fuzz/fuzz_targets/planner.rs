//! Two entries, a line each: after each is applied, its plan is empty.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| barycenter_core::reconcile::fuzzing::planner(bytes));
