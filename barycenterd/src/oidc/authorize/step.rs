//! What comes next for an authorization: one pure function, and the table of cases is its test.

use barycenter_core::model::{Authorization, Client, Consent, Prompt, Scopes, Session, Timestamp, User};
use serde_json::Value;

use crate::oidc::claims;
use crate::oidc::error::{ErrorCode, ProtocolError};

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The End-User has to sign in (again).
    Login,
    /// The End-User has to be asked for consent.
    Consent,
    /// The client gets what it asked for.
    Issue,
    /// The client gets an error.
    Fail(ProtocolError),
}

/// Who is signed in.
#[derive(Clone, Copy)]
pub(super) struct SignedIn<'a> {
    /// The browser's session.
    pub(super) session: &'a Session,
    /// Its user, who may still sign in.
    pub(super) user: &'a User,
    /// Who they are to the client.
    pub(super) subject: &'a str,
}

/// Everything that the decision is made from.
pub(super) struct Situation<'a> {
    pub(super) authorization: &'a Authorization,
    pub(super) client: &'a Client,
    pub(super) signed_in: Option<SignedIn<'a>>,
    /// What the user has granted and what has not expired.
    pub(super) consent: Option<&'a Consent>,
    /// Users' properties that are claims.
    pub(super) property_claims: &'a [String],
    pub(super) now: Timestamp,
}

/// Decides (OpenID Connect Core sections 3.1.2.3 and 3.1.2.4).
pub(super) fn next_step(situation: &Situation<'_>) -> Step {
    let request = &situation.authorization.request;
    let silent = request.asks_for(Prompt::None);
    let signed_in = match situation.signed_in {
        Some(signed_in) if !must_sign_in(situation, signed_in) => signed_in,
        _ if silent => return fail(ErrorCode::LoginRequired, "the End-User has to sign in"),
        _ => return Step::Login,
    };
    if !situation.client.admits(signed_in.user.groups.iter().map(String::as_str)) {
        return fail(ErrorCode::AccessDenied, "the End-User is in none of the groups that may use this application");
    }
    if !meets_demands(situation, signed_in.session) {
        let description = "the End-User cannot sign in in the way that the request demands (acr)";
        return fail(ErrorCode::UnmetAuthenticationRequirements, description);
    }
    if must_consent(situation, signed_in) {
        return if silent { fail(ErrorCode::ConsentRequired, "the End-User has to consent") } else { Step::Consent };
    }
    Step::Issue
}

fn fail(code: ErrorCode, description: &str) -> Step {
    Step::Fail(ProtocolError::new(code, description))
}

fn must_sign_in(situation: &Situation<'_>, signed_in: SignedIn<'_>) -> bool {
    let authorization = situation.authorization;
    let request = &authorization.request;
    if !is_expected(situation, signed_in.subject) {
        return true;
    }
    // Whoever signed in for this very request has met prompt=login and any max_age.
    if authorization.signed_in_by.as_ref() == Some(&signed_in.session.id) {
        return false;
    }
    let age = situation.now.since(signed_in.session.authenticated_at);
    let too_old = request.max_age.is_some_and(|limit| age > limit || limit == 0);
    too_old || request.asks_for(Prompt::Login) || request.asks_for(Prompt::SelectAccount)
}

/// Returns whether the request is about this subject, if it is about one (`id_token_hint`, or `sub` among `claims`:
/// OpenID Connect Core section 5.5.1).
fn is_expected(situation: &Situation<'_>, subject: &str) -> bool {
    let request = &situation.authorization.request;
    let claimed = request.claims.subjects();
    request.expected_subject.as_ref().is_none_or(|expected| expected == subject)
        && (claimed.is_empty() || claimed.iter().any(|value| value.as_str() == Some(subject)))
}

/// Returns whether an essential `acr` is met (OpenID Connect Core section 5.5.1.1); a voluntary one always is.
fn meets_demands(situation: &Situation<'_>, session: &Session) -> bool {
    let acr = situation.authorization.request.claims.id_token.get("acr");
    acr.is_none_or(|acr| !acr.essential || acr.permits(&Value::from(session.context_class())))
}

/// Returns everything that the answer needs the End-User's consent for: the scopes, and those that give the single
/// claims which the request names.
pub(super) fn wanted(authorization: &Authorization, client: &Client, property_claims: &[String]) -> Scopes {
    let request = &authorization.request;
    let single: Scopes = request.claims.names().filter_map(|name| claims::scope_of(name, property_claims)).collect();
    request.scopes.union(&single.intersection(&client.scopes))
}

fn must_consent(situation: &Situation<'_>, signed_in: SignedIn<'_>) -> bool {
    let authorization = situation.authorization;
    // Whoever consented to this very request; somebody else who signed in since has not.
    if authorization.consented_by.as_ref() == Some(&signed_in.user.id) {
        return false;
    }
    if authorization.request.asks_for(Prompt::Consent) {
        return true;
    }
    let wanted = wanted(authorization, situation.client, situation.property_claims);
    let granted = situation.consent.is_some_and(|consent| consent.scopes.covers(&wanted));
    !granted && !situation.client.first_party
}

#[cfg(test)]
mod tests {
    use barycenter_core::model::{
        AuthorizationId, AuthorizationRequest, AuthorizationState, ClaimsRequest, ClientAuthenticationMethod, ClientId,
        GrantType, ResponseMode, ResponseType, SessionId, UserId, Username,
    };
    use barycenter_core::secret::Digest;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(10_000);

    /// One line of the table.
    struct Case {
        about: &'static str,
        prompts: &'static [Prompt],
        max_age: Option<i64>,
        hint: Option<&'static str>,
        claims: &'static str,
        /// The session's age in seconds.
        signed_in: Option<i64>,
        signed_in_for_this: bool,
        consent: &'static str,
        consented_to_this: Option<&'static str>,
        first_party: bool,
        required_groups: &'static [&'static str],
        step: &'static str,
    }

    /// A request without conditions by a third party, of a user who signed in five seconds ago and has consented.
    const PLAIN: Case = Case {
        about: "a session and consent: the answer",
        prompts: &[],
        max_age: None,
        hint: None,
        claims: "{}",
        signed_in: Some(5),
        signed_in_for_this: false,
        consent: "openid email",
        consented_to_this: None,
        first_party: false,
        required_groups: &[],
        step: "issue",
    };

    const SILENT: &[Prompt] = &[Prompt::None];

    fn table() -> Vec<Case> {
        vec![
            PLAIN,
            Case { about: "silently", prompts: SILENT, ..PLAIN },
            Case { about: "nobody is signed in", signed_in: None, step: "login", ..PLAIN },
            Case { about: "nobody, silently", signed_in: None, prompts: SILENT, step: "login_required", ..PLAIN },
            Case { about: "no consent", consent: "", step: "consent", ..PLAIN },
            Case { about: "no consent, silently", consent: "", prompts: SILENT, step: "consent_required", ..PLAIN },
            Case { about: "consent to less", consent: "openid", step: "consent", ..PLAIN },
            Case { about: "consent to more", consent: "openid email profile", ..PLAIN },
            Case { about: "first party", consent: "", first_party: true, ..PLAIN },
            Case {
                about: "first party asks",
                prompts: &[Prompt::Consent],
                first_party: true,
                step: "consent",
                ..PLAIN
            },
            Case { about: "prompt consent", prompts: &[Prompt::Consent], step: "consent", ..PLAIN },
            Case { about: "asked once", prompts: &[Prompt::Consent], consented_to_this: Some("u"), ..PLAIN },
            Case {
                about: "somebody else consented",
                prompts: &[Prompt::Consent],
                consented_to_this: Some("other"),
                step: "consent",
                ..PLAIN
            },
            Case { about: "prompt login", prompts: &[Prompt::Login], step: "login", ..PLAIN },
            Case { about: "signed in for it", prompts: &[Prompt::Login], signed_in_for_this: true, ..PLAIN },
            Case { about: "select account", prompts: &[Prompt::SelectAccount], step: "login", ..PLAIN },
            Case { about: "selected", prompts: &[Prompt::SelectAccount], signed_in_for_this: true, ..PLAIN },
            Case { about: "login first", prompts: &[Prompt::Login, Prompt::Consent], step: "login", ..PLAIN },
            Case {
                about: "then consent",
                prompts: &[Prompt::Login, Prompt::Consent],
                signed_in_for_this: true,
                step: "consent",
                ..PLAIN
            },
            Case { about: "young enough", max_age: Some(5), ..PLAIN },
            Case { about: "too old", max_age: Some(4), step: "login", ..PLAIN },
            Case { about: "too old, silently", max_age: Some(4), prompts: SILENT, step: "login_required", ..PLAIN },
            Case { about: "max_age 0", max_age: Some(0), signed_in: Some(0), step: "login", ..PLAIN },
            Case { about: "max_age 0, met", max_age: Some(0), signed_in_for_this: true, ..PLAIN },
            Case { about: "the hint's user", hint: Some("subject"), prompts: SILENT, ..PLAIN },
            Case { about: "another's hint", hint: Some("other"), step: "login", ..PLAIN },
            Case {
                about: "another's hint, although somebody signed in for this",
                hint: Some("other"),
                signed_in_for_this: true,
                step: "login",
                ..PLAIN
            },
            Case { about: "silently", hint: Some("other"), prompts: SILENT, step: "login_required", ..PLAIN },
            Case { about: "claimed sub", claims: r#"{"id_token":{"sub":{"value":"subject"}}}"#, ..PLAIN },
            Case {
                about: "another's sub",
                claims: r#"{"id_token":{"sub":{"value":"other"}}}"#,
                prompts: SILENT,
                step: "login_required",
                ..PLAIN
            },
            Case { about: "acr", claims: r#"{"id_token":{"acr":{"essential":true,"values":["9","1"]}}}"#, ..PLAIN },
            Case { about: "acr, voluntary", claims: r#"{"id_token":{"acr":{"values":["9"]}}}"#, ..PLAIN },
            Case {
                about: "acr, out of reach",
                claims: r#"{"id_token":{"acr":{"essential":true,"value":"9"}}}"#,
                step: "unmet_authentication_requirements",
                ..PLAIN
            },
            Case { about: "a claim that was granted", claims: r#"{"userinfo":{"email":null}}"#, ..PLAIN },
            Case { about: "a claim beyond", claims: r#"{"userinfo":{"name":null}}"#, step: "consent", ..PLAIN },
            Case { about: "an unknown claim", claims: r#"{"userinfo":{"shoe_size":null}}"#, ..PLAIN },
            Case { about: "in a group", required_groups: &["dev", "ops"], ..PLAIN },
            Case { about: "in no group", required_groups: &["dev"], step: "access_denied", ..PLAIN },
            Case { about: "no consent needed", required_groups: &["dev"], consent: "", step: "access_denied", ..PLAIN },
            Case { about: "not asked before", required_groups: &["dev"], signed_in: None, step: "login", ..PLAIN },
            Case { about: "silent", required_groups: &["dev"], prompts: SILENT, step: "access_denied", ..PLAIN },
        ]
    }

    fn client(case: &Case) -> Client {
        let mut client = Client {
            authentication_method: ClientAuthenticationMethod::None,
            redirect_uris: vec!["https://rp.example/cb".to_owned()],
            grant_types: vec![GrantType::AuthorizationCode],
            first_party: case.first_party,
            ..Client::new(ClientId::new("rp"), "RP", NOW)
        };
        client.metadata.required_groups = case.required_groups.iter().map(|group| (*group).to_owned()).collect();
        client
    }

    fn session(age: i64) -> Session {
        Session {
            id: SessionId::new("s"),
            cookie: Digest::of("c"),
            user_id: UserId::new("u"),
            authenticated_at: NOW.plus(-age),
            methods: Vec::new(),
            expires_at: NOW.plus(3600),
        }
    }

    fn authorization(case: &Case, client: &Client) -> Authorization {
        Authorization {
            id: AuthorizationId::new("a"),
            handle: Digest::of("h"),
            browser: Digest::of("b"),
            request: AuthorizationRequest {
                client_id: client.id.clone(),
                redirect_uri: client.resolve_redirect_uri(Some("https://rp.example/cb")).unwrap(),
                response_type: ResponseType::Code,
                response_mode: ResponseMode::Query,
                scopes: Scopes::from_request("openid email"),
                state: None,
                nonce: None,
                code_challenge: None,
                prompts: case.prompts.to_vec(),
                max_age: case.max_age,
                expected_subject: case.hint.map(str::to_owned),
                login_hint: None,
                claims: ClaimsRequest::parse(case.claims).unwrap(),
                acr_values: Vec::new(),
                resources: Vec::new(),
                dpop_jkt: None,
            },
            state: AuthorizationState::Pending,
            signed_in_by: case.signed_in_for_this.then(|| SessionId::new("s")),
            consented_by: case.consented_to_this.map(UserId::new),
            created_at: NOW,
            expires_at: NOW.plus(3600),
        }
    }

    fn decide(case: &Case) -> &'static str {
        let client = client(case);
        let authorization = authorization(case, &client);
        let session = session(case.signed_in.unwrap_or_default());
        let user = User {
            id: UserId::new("u"),
            groups: ["ops".to_owned()].into(),
            ..User::new(Username::parse("admin").unwrap(), NOW)
        };
        let consent = Consent {
            user_id: user.id.clone(),
            client_id: client.id.clone(),
            scopes: Scopes::from_request(case.consent),
            granted_at: NOW,
        };
        let signed_in = case.signed_in.map(|_| SignedIn { session: &session, user: &user, subject: "subject" });
        let situation = Situation {
            authorization: &authorization,
            client: &client,
            signed_in,
            consent: (!case.consent.is_empty()).then_some(&consent),
            property_claims: &[],
            now: NOW,
        };
        match next_step(&situation) {
            Step::Login => "login",
            Step::Consent => "consent",
            Step::Issue => "issue",
            Step::Fail(error) => error.code.as_str(),
        }
    }

    #[test]
    fn the_table_of_cases() {
        for case in table() {
            assert_eq!(decide(&case), case.step, "{}", case.about);
        }
    }

    /// Whatever else holds: silence is never broken, and nobody gets anything who is not signed in.
    #[test]
    fn a_silent_request_is_answered_at_once() {
        for mut case in table() {
            case.prompts = SILENT;
            assert!(!matches!(decide(&case), "login" | "consent"), "{}", case.about);
            case.signed_in = None;
            assert_eq!(decide(&case), "login_required", "{}", case.about);
        }
    }
}
