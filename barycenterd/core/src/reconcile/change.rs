//! What a plan consists of: changes, their fields, their numbers.
//!
//! Secrets appear as `{"secret":true}`, with the revision where one is known, and never as a text.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a users file speaks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Kind {
    /// People and services that sign in.
    User,
    /// Relying parties.
    Client,
}

impl Kind {
    /// Every kind, in the order in which a file is applied.
    pub const ALL: [Self; 2] = [Self::User, Self::Client];

    /// Returns the name of the list in a users file.
    #[must_use]
    pub const fn list(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Client => "clients",
        }
    }

    /// Returns the word for one of them.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Client => "client",
        }
    }
}

/// The state that a change was planned against, and the entry that it was planned from: 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Basis([u8; 16]);

impl Basis {
    /// Returns the basis of a state (nothing: absent) and an entry, both as digests.
    #[must_use]
    pub fn of(state: Option<&str>, entry: &str) -> Self {
        let mut context = Context::new(&SHA256);
        for text in [state.unwrap_or("absent"), entry] {
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text.as_bytes());
        }
        let mut bytes = [0; 16];
        for (byte, digest) in bytes.iter_mut().zip(context.finish().as_ref()) {
            *byte = *digest;
        }
        Self(bytes)
    }

    /// Reads a basis that a plan has named.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Basis {
    /// Writes base64url, 22 characters.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// What happens to a user or a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// A new one.
    Create,
    /// One that differs from the file.
    Update,
    /// One that the file no longer names, and that may no longer sign in.
    Disable,
    /// One that the file no longer names, and that is removed.
    Delete,
    /// One that the file must not touch.
    Conflict,
    /// One that is as the file wants it.
    Unchanged,
}

impl Operation {
    /// Returns the word for it: `create`, `update` …
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Disable => "disable",
            Self::Delete => "delete",
            Self::Conflict => "conflict",
            Self::Unchanged => "unchanged",
        }
    }

    /// Returns whether something is written.
    #[must_use]
    pub const fn is_change(self) -> bool {
        !matches!(self, Self::Conflict | Self::Unchanged)
    }

    /// Returns whether it happens because the file no longer names the thing.
    #[must_use]
    pub const fn is_prune(self) -> bool {
        matches!(self, Self::Disable | Self::Delete)
    }
}

/// Why a user or a client cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictReason {
    /// Nobody's file owns it.
    Unmanaged,
    /// The person registered the account.
    SelfRegistered,
    /// Another file owns it.
    OtherManager,
    /// An import would make it, and it is there already.
    Exists,
    /// Another account has the e-mail address.
    EmailTaken,
    /// Another account, which the file knows by another key, has the username.
    UsernameTaken,
    /// A new client that authenticates by a secret needs one.
    SecretMissing,
    /// Nobody could administer the platform afterwards.
    LastAdministrator,
    /// What the file wants is not a valid client.
    Invalid,
    /// Somebody changed it after the plan was made.
    ChangedMeanwhile,
}

/// Who moved since the last sync, where the file and the live state differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Drift {
    /// The file changed.
    File,
    /// Somebody changed the live state.
    Live,
    /// Both.
    Both,
}

/// One field that changes; a secret is `{"secret":true}`. A field that goes has no `after`: in JSON, `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// `email`, `properties.role` …
    pub path: String,
    /// The value that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The value that the file wants.
    pub after: Option<Value>,
}

/// What else ends with a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Effects {
    /// Sessions that end.
    pub sessions: u64,
}

/// The account that has what an entry wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its folded username.
    pub key: String,
    /// Its stable key.
    pub external_id: Option<String>,
}

impl Holder {
    /// Returns whether this entry means the account.
    #[must_use]
    pub fn is_meant_by(&self, key: &str, external_id: Option<&str>) -> bool {
        self.key == key || external_id.is_some_and(|id| self.external_id.as_deref() == Some(id))
    }
}

/// What happens to one user or client, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What it happens to.
    pub kind: Kind,
    /// What happens.
    pub operation: Operation,
    /// The username or client id in the file; for what the file no longer names, the live one.
    pub key: String,
    /// The live one's id, if there is one.
    pub id: Option<String>,
    /// What differs.
    pub fields: Vec<FieldChange>,
    /// Who moved since the last sync.
    pub drift: Option<Drift>,
    /// Why it cannot be done.
    pub conflict: Option<ConflictReason>,
    /// Who has the name or the address, if that is the reason.
    pub holder: Option<Holder>,
    /// The same, or what it is about, in words.
    pub message: Option<String>,
    /// The way out.
    pub hint: Option<String>,
    /// What else ends.
    pub effects: Effects,
    /// What it was planned against.
    pub basis: Basis,
    /// Whether the manager owned it before.
    pub owned: bool,
    /// Whether nothing differs, but what the file declared is to be noted anew.
    pub stale: bool,
}

impl Change {
    /// Returns that nothing happens, to be filled in.
    pub(super) fn unchanged(kind: Kind, key: &str, basis: Basis) -> Self {
        Self {
            kind,
            operation: Operation::Unchanged,
            key: key.to_owned(),
            id: None,
            fields: Vec::new(),
            drift: None,
            conflict: None,
            holder: None,
            message: None,
            hint: None,
            effects: Effects::default(),
            basis,
            owned: false,
            stale: false,
        }
    }

    /// Turns it into a conflict.
    pub(super) fn refused(self, reason: ConflictReason, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            operation: Operation::Conflict,
            fields: Vec::new(),
            drift: None,
            conflict: Some(reason),
            message: Some(message.into()),
            hint: Some(hint.into()),
            stale: false,
            ..self
        }
    }

    /// Returns whether the change sets, or clears, the password or secret.
    #[must_use]
    pub fn sets_secret(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.path.as_str(), "password" | "password_hash" | "client_secret"))
    }

    /// Returns whether the account or client may no longer be used afterwards, though it could before.
    #[must_use]
    pub fn disables(&self) -> bool {
        self.operation == Operation::Disable
            || self.fields.iter().any(|field| field.path == "enabled" && field.after == Some(Value::Bool(false)))
    }
}

/// How many of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// New ones.
    pub create: u64,
    /// Changed ones.
    pub update: u64,
    /// Disabled because the file no longer names them.
    pub disable: u64,
    /// Removed because the file no longer names them.
    pub delete: u64,
    /// In the way.
    pub conflict: u64,
    /// As the file wants them.
    pub unchanged: u64,
    /// Owned by the file's manager, no longer named by it, and left as they are.
    pub no_longer_in_file: u64,
}

impl Counts {
    /// Counts one more.
    pub const fn record(&mut self, operation: Operation) {
        let counter = match operation {
            Operation::Create => &mut self.create,
            Operation::Update => &mut self.update,
            Operation::Disable => &mut self.disable,
            Operation::Delete => &mut self.delete,
            Operation::Conflict => &mut self.conflict,
            Operation::Unchanged => &mut self.unchanged,
        };
        *counter += 1;
    }

    /// Returns how many of this.
    #[must_use]
    pub const fn of(&self, operation: Operation) -> u64 {
        match operation {
            Operation::Create => self.create,
            Operation::Update => self.update,
            Operation::Disable => self.disable,
            Operation::Delete => self.delete,
            Operation::Conflict => self.conflict,
            Operation::Unchanged => self.unchanged,
        }
    }

    /// Returns how many changes would be written.
    #[must_use]
    pub const fn changes(&self) -> u64 {
        self.create + self.update + self.disable + self.delete
    }

    /// Returns whether the file and the live state agree.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.changes() == 0 && self.conflict == 0
    }
}
