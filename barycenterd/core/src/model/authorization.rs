//! One authorization, from the request that asks for it to the redemption of its code.
//!
//! ```text
//!   Pending ──► CodeIssued ──► Redeemed
//!      └──────► Denied
//! ```
//!
//! The request is parsed once and stored; pages only carry its handle. A code is redeemed by one conditional UPDATE
//! (`store::authorization`), so that no two replicas can redeem it twice.

use serde::{Deserialize, Serialize};

use crate::model::pkce::CodeChallenge;
use crate::model::{
    AuthorizationId, ClaimsRequest, ClientId, RegisteredRedirectUri, ResponseMode, ResponseType, Scopes, SessionId,
    Timestamp, UserId,
};
use crate::secret::Digest;

/// What the client wants the End-User to be asked (OpenID Connect Core section 3.1.2.1, `prompt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Nothing: answer at once or fail.
    None,
    /// To sign in again.
    Login,
    /// To consent again.
    Consent,
    /// To choose an account.
    SelectAccount,
}

impl Prompt {
    /// Every value.
    pub const ALL: [Self; 4] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount];

    /// Returns the value on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }

    /// Returns the prompt of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|prompt| prompt.as_str() == name)
    }
}

/// An authorization request that has been checked: everything in it may be relied upon.
///
/// The store keeps it as JSON: what came later has a default, so that older rows can be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes.
    pub redirect_uri: RegisteredRedirectUri,
    /// What the answer holds.
    #[serde(default = "code")]
    pub response_type: ResponseType,
    /// How the answer travels.
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// What is asked for; already limited to what the client may have.
    pub scopes: Scopes,
    /// Given back byte for byte.
    pub state: Option<String>,
    /// Goes into the ID Token.
    pub nonce: Option<String>,
    /// The digest of the verifier that the code is redeemed with.
    pub code_challenge: Option<CodeChallenge>,
    /// What to ask the End-User.
    pub prompts: Vec<Prompt>,
    /// The oldest acceptable sign-in, in seconds.
    pub max_age: Option<i64>,
    /// The subject that must be signed in, from `id_token_hint`: as this client knows it.
    pub expected_subject: Option<String>,
    /// A name to offer on the login page.
    pub login_hint: Option<String>,
    /// Single claims that are asked for.
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    /// The authentication context classes that would do, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<String>,
    /// Where the access token is to be used (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The thumbprint of the key that must redeem the code (RFC 9449 section 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
}

/// What requests of older rows asked for.
const fn code() -> ResponseType {
    ResponseType::Code
}

impl AuthorizationRequest {
    /// Returns whether the request holds this prompt.
    #[must_use]
    pub fn asks_for(&self, prompt: Prompt) -> bool {
        self.prompts.contains(&prompt)
    }
}

/// Where an authorization stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationState {
    /// The End-User is on the way.
    Pending,
    /// The client holds a code.
    CodeIssued,
    /// The code has become tokens.
    Redeemed,
    /// The answer was an error, or the code's reuse ended everything.
    Denied,
}

impl AuthorizationState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::CodeIssued, Self::Redeemed, Self::Denied];

    /// Returns the state's name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::CodeIssued => "code_issued",
            Self::Redeemed => "redeemed",
            Self::Denied => "denied",
        }
    }

    /// Returns the state of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// An authorization as the store holds it.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// Names the authorization, and the family of its tokens.
    pub id: AuthorizationId,
    /// Digest of the handle that pages carry.
    pub handle: Digest,
    /// Digest of the cookie of the browser that asked: nobody else can finish it.
    pub browser: Digest,
    /// What was asked.
    pub request: AuthorizationRequest,
    /// Where it stands.
    pub state: AuthorizationState,
    /// The session that was begun for this very request: satisfies `prompt=login` and `max_age`.
    pub signed_in_by: Option<SessionId>,
    /// Who has consented to this very request: satisfies `prompt=consent`, for that user and no other.
    pub consented_by: Option<UserId>,
    /// When the request arrived.
    pub created_at: Timestamp,
    /// From then on it cannot be continued.
    pub expires_at: Timestamp,
}

/// What a code stands for: who agreed, and when they had signed in.
#[derive(Debug, Clone)]
pub struct CodeGrant {
    /// Digest of the code.
    pub code: Digest,
    /// From then on the code is invalid.
    pub expires_at: Timestamp,
    /// Who agreed.
    pub user_id: UserId,
    /// In which session.
    pub session_id: SessionId,
    /// When they had signed in, the `auth_time` claim.
    pub authenticated_at: Timestamp,
}
