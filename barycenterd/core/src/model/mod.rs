//! Plain values and their transitions: no I/O, no clock; `now` and random values are parameters.

pub mod authorization;
pub mod client;
pub mod consent;
pub mod id;
pub mod job;
pub mod ownership;
pub mod pkce;
pub mod replica;
pub mod scope;
pub mod session;
pub mod signing_key;
pub mod timestamp;
pub mod token;
pub mod user;

pub use authorization::{Authorization, AuthorizationRequest, AuthorizationState, Prompt};
pub use client::{Client, ClientAuthenticationMethod, GrantType, RegisteredRedirectUri, TokenLifetimes};
pub use consent::Consent;
pub use id::{AuthorizationId, ClientId, JobRunId, KeyId, Manager, SessionId, UserId};
pub use job::{
    JOB_HELD_SECONDS, JobCounts, JobHold, JobLogLevel, JobLogLine, JobOutcome, JobRun, JobState, JobTrigger,
    ScheduledJob,
};
pub use ownership::{Declared, Ownership};
pub use replica::{REPLICA_PRESENT_SECONDS, Replica};
pub use scope::{Scope, Scopes};
pub use session::{AuthenticationMethod, Session};
pub use signing_key::{SigningAlgorithm, SigningKey, SigningKeyState, WrongState};
pub use timestamp::Timestamp;
pub use token::{AccessToken, RefreshToken};
pub use user::{EmailAddress, Groups, Properties, User, Username};
