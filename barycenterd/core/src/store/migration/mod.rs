//! The steps that lead from an empty database to today's schema; each the same on SQLite and PostgreSQL.
//!
//! A step that has been released is never changed. Times are whole seconds since the epoch, closed sets are names,
//! structured values are JSON text, identifiers are text.

mod m0001_initial;
mod m0002_desired_state;
mod m0003_key_life;
mod m0004_jobs;
mod m0005_client_metadata;
mod m0006_back_channel;
mod m0007_front_channel;
mod m0008_logout;
mod m0010_runtime_settings;
mod m0011_job_cancellation;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// All steps, oldest first.
pub(super) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_initial::Step),
            Box::new(m0002_desired_state::Step),
            Box::new(m0003_key_life::Step),
            Box::new(m0004_jobs::Step),
            Box::new(m0005_client_metadata::Step),
            Box::new(m0006_back_channel::Step),
            Box::new(m0007_front_channel::Step),
            Box::new(m0008_logout::Step),
            Box::new(m0010_runtime_settings::Step),
            Box::new(m0011_job_cancellation::Step),
        ]
    }
}
