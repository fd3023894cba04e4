//! `barycenterd schema …`: the texts of the files in `schema/`, each ending in one newline.

use barycenter_core::config;
use barycenter_core::reconcile::source;
use serde_json::Value;

use crate::cli::arguments::SchemaChoice;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::{admin, oidc};

/// Prints a schema.
pub(super) fn print(schema: SchemaChoice) -> Result<(), Failure> {
    output::print(&text(schema))
}

/// Returns every file of `schema/`: its name and its text.
#[must_use]
pub fn files() -> [(&'static str, String); 4] {
    [
        ("admin.graphql", text(SchemaChoice::Graphql)),
        ("openapi.json", text(SchemaChoice::Openapi)),
        ("users.schema.json", text(SchemaChoice::Users)),
        ("config.schema.json", text(SchemaChoice::Config)),
    ]
}

fn text(schema: SchemaChoice) -> String {
    let text = match schema {
        SchemaChoice::Graphql => admin::sdl(),
        SchemaChoice::Openapi => oidc::openapi_spec(),
        SchemaChoice::Users => pretty(&source::json_schema()),
        SchemaChoice::Config => pretty(&config::json_schema()),
    };
    format!("{}\n", text.trim_end())
}

fn pretty(schema: &Value) -> String {
    format!("{schema:#}")
}
