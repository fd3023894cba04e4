//! `schema/` holds what the program prints: compared here, rewritten with `BLESS=1`.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and ends")]

mod committed;

#[test]
fn schemas_are_what_the_program_prints() {
    for (name, text) in barycenterd::cli::schema_files() {
        committed::compare("schema", name, text.as_bytes());
    }
}
