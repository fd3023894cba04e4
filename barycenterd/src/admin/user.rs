//! Users: the queries `users` and `user`. Changing them is the business of `sync.rs`.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use barycenter_core::model;
use barycenter_core::model::Username;
use serde_json::Value;

use crate::admin::error::failed;
use crate::admin::limits::{page_cost, page_size};
use crate::admin::scalar::DateTime;
use crate::app::App;

/// An End-User's account.
#[derive(SimpleObject)]
pub(super) struct User {
    /// The `sub` claim.
    id: ID,
    username: String,
    /// The key under which the users file knows the account.
    external_id: Option<String>,
    email: Option<String>,
    email_verified: bool,
    /// Whether the user may sign in.
    enabled: bool,
    /// Whether no sync disables or deletes the account because its file no longer names it.
    protected: bool,
    groups: Vec<String>,
    /// Further properties, an object.
    properties: Value,
    /// The users file that owns the account, if one does.
    manager: Option<String>,
    has_password: bool,
    created_at: DateTime,
    updated_at: DateTime,
    last_login_at: Option<DateTime>,
}

impl From<model::User> for User {
    fn from(user: model::User) -> Self {
        Self {
            id: user.id.as_str().into(),
            username: user.username.to_string(),
            external_id: user.external_id,
            email: user.email.map(|email| email.to_string()),
            email_verified: user.email_verified,
            enabled: user.enabled,
            protected: user.protected,
            groups: user.groups.into_iter().collect(),
            properties: Value::Object(user.properties.into_iter().collect()),
            manager: user.ownership.manager().map(ToString::to_string),
            has_password: user.password.is_some(),
            created_at: DateTime(user.created_at),
            updated_at: DateTime(user.updated_at),
            last_login_at: user.last_login_at.map(DateTime),
        }
    }
}

/// Some users, by name.
#[derive(SimpleObject)]
pub(super) struct UserPage {
    nodes: Vec<User>,
    /// Pass it as `after` to get the next page.
    end_cursor: Option<String>,
    has_next_page: bool,
}

/// Queries about users.
#[derive(Default)]
pub(super) struct UserQuery;

#[Object]
impl UserQuery {
    /// Users by name, at most 1,000 at once; those whose name or e-mail address contains `search`.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn users(
        &self,
        context: &Context<'_>,
        #[graphql(default = 100)] first: i32,
        after: Option<String>,
        search: Option<String>,
    ) -> Result<UserPage> {
        let app = context.data::<Arc<App>>()?;
        let size = page_size(first);
        let found = app.store.users().page(size.saturating_add(1), after.as_deref(), search.as_deref()).await;
        let mut found = found.map_err(|error| failed(context, &error))?;
        let has_next_page = found.len() as u64 > size;
        found.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        let end_cursor = found.last().map(|user| user.username.folded().to_owned());
        Ok(UserPage { nodes: found.into_iter().map(User::from).collect(), end_cursor, has_next_page })
    }

    /// The user of that name, however it is spelt.
    async fn user(&self, context: &Context<'_>, username: String) -> Result<Option<User>> {
        let app = context.data::<Arc<App>>()?;
        let Ok(username) = Username::parse(&username) else { return Ok(None) };
        let user = app.store.users().by_username(&username).await.map_err(|error| failed(context, &error))?;
        Ok(user.map(User::from))
    }
}
