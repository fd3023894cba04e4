//! Initial access tokens: the mutation `createRegistrationToken`.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SimpleObject, Union};
use barycenter_core::config::{RegistrationMode, Seconds};
use barycenter_core::registration::{LONGEST_INVITATION, invite};

use crate::admin::error::failed;
use crate::admin::scalar::DateTime;
use crate::app::App;

/// The longest description, in bytes.
const LONGEST: usize = 255;

/// An initial access token to make.
#[derive(InputObject)]
pub(super) struct CreateRegistrationTokenInput {
    /// What it is for; only operators see it.
    #[graphql(default)]
    description: String,
    /// How many clients may register with it; null: any number.
    #[graphql(default_with = "Some(1)")]
    uses: Option<u32>,
    /// From 60 to 31536000.
    #[graphql(default = 3600)]
    lifetime_seconds: u32,
}

/// The token is shown here once and kept only as a digest.
#[derive(SimpleObject)]
pub(super) struct RegistrationTokenCreated {
    token: String,
    uses: Option<u32>,
    expires_at: DateTime,
    /// Whether clients can register with it now: oidc.registration says so.
    registration_is_on: bool,
}

/// Everything that is wrong with the input.
#[derive(SimpleObject)]
pub(super) struct RegistrationTokenInvalid {
    faults: Vec<String>,
}

/// What became of it.
#[derive(Union)]
pub(super) enum CreateRegistrationTokenPayload {
    Created(RegistrationTokenCreated),
    Invalid(RegistrationTokenInvalid),
}

/// What can be done with initial access tokens.
#[derive(Default)]
pub(super) struct RegistrationTokenMutation;

#[Object]
impl RegistrationTokenMutation {
    /// Makes a token with which clients register themselves.
    async fn create_registration_token(
        &self,
        context: &Context<'_>,
        input: CreateRegistrationTokenInput,
    ) -> async_graphql::Result<CreateRegistrationTokenPayload> {
        let app = context.data::<Arc<App>>()?;
        let faults = faults(&input);
        if !faults.is_empty() {
            return Ok(CreateRegistrationTokenPayload::Invalid(RegistrationTokenInvalid { faults }));
        }
        let lifetime = Seconds::new(input.lifetime_seconds);
        let made = invite(&app.store, &input.description, input.uses, lifetime, app.now()).await;
        let (token, stored) = made.map_err(|error| failed(context, &error))?;
        tracing::info!(description = input.description, "made an initial access token");
        Ok(CreateRegistrationTokenPayload::Created(RegistrationTokenCreated {
            token: token.expose().to_owned(),
            uses: stored.uses,
            expires_at: DateTime(stored.expires_at),
            registration_is_on: app.config.oidc.registration != RegistrationMode::Off,
        }))
    }
}

fn faults(input: &CreateRegistrationTokenInput) -> Vec<String> {
    let mut faults = Vec::new();
    let lifetime = Seconds::new(input.lifetime_seconds);
    if lifetime < Seconds::new(60) || lifetime > LONGEST_INVITATION {
        faults.push(format!("the lifetime {lifetime} is out of range; from 1m to {LONGEST_INVITATION}"));
    }
    if input.uses == Some(0) {
        faults.push("a token that may be used 0 times permits nothing".to_owned());
    }
    if input.description.len() > LONGEST {
        faults.push(format!("the description is longer than {LONGEST} bytes"));
    }
    faults
}
