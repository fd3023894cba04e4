//! How users, clients and keys look in a list and by themselves.

use serde::Serialize;
use serde_json::Value;

use crate::render::minute;
use crate::target::answer::{Client, Setting, SigningKey, User};

/// What stands where there is nothing.
const NOTHING: &str = "–";

/// Something that is listed.
pub(crate) trait Row: Serialize {
    /// The `kind` of its JSON answer.
    const KIND: &'static str;
    /// What several of them are called.
    const NOUN: &'static str;
    /// The table's head.
    const HEAD: &'static [&'static str];
    /// The fields behind the head's columns, by their names in JSON.
    const COLUMNS: &'static [&'static str];
    /// The fields that say who somebody is, and what they are like.
    const PERSONAL: &'static [&'static str] = &[];

    /// Returns the name by which other commands know it.
    fn key(&self) -> &str;

    /// Returns its cells under [`Row::HEAD`].
    fn cells(&self) -> Vec<String>;

    /// Returns everything about it.
    fn details(&self) -> Vec<(String, String)>;
}

pub(super) fn yes(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

pub(super) fn or_nothing(text: Option<&str>) -> String {
    text.unwrap_or(NOTHING).to_owned()
}

pub(super) fn time(text: Option<&str>) -> String {
    text.map_or_else(|| NOTHING.to_owned(), minute)
}

/// Returns a token's life.
fn span(seconds: Option<i64>) -> String {
    seconds.map_or_else(|| "as configured".to_owned(), |seconds| format!("{seconds} s"))
}

/// Returns a JSON value as people write it: a text without quotes.
fn value(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(super) fn labelled(pairs: &[(&str, String)]) -> Vec<(String, String)> {
    pairs.iter().map(|(label, value)| ((*label).to_owned(), value.clone())).collect()
}

impl Row for User {
    const KIND: &'static str = "User";
    const NOUN: &'static str = "user";
    const HEAD: &'static [&'static str] = &["USERNAME", "EMAIL", "ENABLED", "LAST LOGIN", "MANAGED BY"];
    const COLUMNS: &'static [&'static str] = &["username", "email", "enabled", "last_login_at", "manager"];
    const PERSONAL: &'static [&'static str] = &["email", "properties"];

    fn key(&self) -> &str {
        &self.username
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.username.clone(),
            or_nothing(self.email.as_deref()),
            yes(self.enabled),
            time(self.last_login_at.as_deref()),
            or_nothing(self.manager.as_deref()),
        ]
    }

    fn details(&self) -> Vec<(String, String)> {
        let mut lines = labelled(&[
            ("username", self.username.clone()),
            ("id", self.id.clone()),
            ("email", or_nothing(self.email.as_deref())),
            ("email verified", yes(self.email_verified)),
            ("enabled", yes(self.enabled)),
            ("protected", yes(self.protected)),
            ("groups", if self.groups.is_empty() { NOTHING.to_owned() } else { self.groups.join(" ") }),
            ("external id", or_nothing(self.external_id.as_deref())),
            ("password", (if self.has_password { "set" } else { "not set" }).to_owned()),
            ("managed by", or_nothing(self.manager.as_deref())),
            ("created", minute(&self.created_at)),
            ("changed", minute(&self.updated_at)),
            ("last login", time(self.last_login_at.as_deref())),
        ]);
        let properties = self.properties.as_object().into_iter().flatten();
        lines.extend(properties.map(|(name, property)| (format!("properties.{name}"), value(property))));
        lines
    }
}

impl Row for Client {
    const KIND: &'static str = "Client";
    const NOUN: &'static str = "client";
    const HEAD: &'static [&'static str] = &["CLIENT ID", "NAME", "AUTHENTICATION", "REDIRECT URIS", "CREATED"];
    const COLUMNS: &'static [&'static str] =
        &["client_id", "name", "authentication_method", "redirect_uris", "created_at"];

    fn key(&self) -> &str {
        &self.client_id
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.client_id.clone(),
            self.name.clone(),
            self.authentication_method.clone(),
            self.redirect_uris.join(" "),
            minute(&self.created_at),
        ]
    }

    fn details(&self) -> Vec<(String, String)> {
        let list = |texts: &[String]| if texts.is_empty() { NOTHING.to_owned() } else { texts.join(" ") };
        let mut lines = labelled(&[
            ("client id", self.client_id.clone()),
            ("name", self.name.clone()),
            ("authentication", self.authentication_method.clone()),
            ("redirect URIs", list(&self.redirect_uris)),
            ("after logout", list(&self.post_logout_redirect_uris)),
            ("grants", list(&self.grant_types)),
            ("scopes", list(&self.scopes)),
            ("first party", yes(self.first_party)),
            ("enabled", yes(self.enabled)),
            ("managed by", or_nothing(self.manager.as_deref())),
            ("access tokens live", span(self.access_token_seconds)),
            ("ID Tokens live", span(self.id_token_seconds)),
            ("refresh tokens live", span(self.refresh_token_seconds)),
            ("created", minute(&self.created_at)),
        ]);
        lines.extend(self.metadata.iter().map(|(name, field)| (name.clone(), value(field))));
        lines
    }
}

impl Row for SigningKey {
    const KIND: &'static str = "SigningKey";
    const NOUN: &'static str = "key";
    const HEAD: &'static [&'static str] = &["KID", "ALG", "STATE", "CREATED", "SIGNS UNTIL", "VERIFIES UNTIL", ""];
    const COLUMNS: &'static [&'static str] =
        &["kid", "algorithm", "state", "created_at", "signs_until", "verifies_until", "activates_at"];

    fn key(&self) -> &str {
        &self.kid
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.kid.clone(),
            self.algorithm.clone(),
            self.state.clone(),
            minute(&self.created_at),
            time(self.signs_until.as_deref()),
            time(self.verifies_until.as_deref()),
            match (self.state.as_str(), &self.activates_at) {
                ("pending", Some(at)) => format!("activates {}", minute(at)),
                _ => String::new(),
            },
        ]
    }

    fn details(&self) -> Vec<(String, String)> {
        labelled(&[
            ("kid", self.kid.clone()),
            ("algorithm", self.algorithm.clone()),
            ("state", self.state.clone()),
            ("published", minute(&self.created_at)),
            ("activates", time(self.activates_at.as_deref())),
            ("active since", time(self.activated_at.as_deref())),
            ("signs until", time(self.signs_until.as_deref())),
            ("verifies until", time(self.verifies_until.as_deref())),
            ("retired", time(self.retired_at.as_deref())),
        ])
    }
}

impl Row for Setting {
    const KIND: &'static str = "Setting";
    const NOUN: &'static str = "setting";
    const HEAD: &'static [&'static str] = &["SETTING", "VALUE", "ORIGIN"];
    const COLUMNS: &'static [&'static str] = &["name", "value", "origin"];

    fn key(&self) -> &str {
        &self.name
    }

    fn cells(&self) -> Vec<String> {
        vec![self.name.clone(), self.value.clone(), self.origin.clone()]
    }

    fn details(&self) -> Vec<(String, String)> {
        labelled(&[("setting", self.name.clone()), ("value", self.value.clone()), ("origin", self.origin.clone())])
    }
}
