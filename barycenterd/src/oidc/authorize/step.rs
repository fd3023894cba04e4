//! What comes next for an authorization: one pure function, and the table of cases is its test.

use barycenter_core::model::{Authorization, Client, Consent, Prompt, Session, Timestamp};

use crate::oidc::error::{ErrorCode, ProtocolError};

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The End-User has to sign in (again).
    Login,
    /// The End-User has to be asked for consent.
    Consent,
    /// The client gets its code.
    IssueCode,
    /// The client gets an error.
    Fail(ProtocolError),
}

/// Everything that the decision is made from.
pub(super) struct Situation<'a> {
    pub(super) authorization: &'a Authorization,
    pub(super) client: &'a Client,
    /// The browser's session, of a user who may still sign in.
    pub(super) session: Option<&'a Session>,
    pub(super) consent: Option<&'a Consent>,
    pub(super) now: Timestamp,
}

/// Decides (OpenID Connect Core sections 3.1.2.3 and 3.1.2.4).
pub(super) fn next_step(situation: &Situation<'_>) -> Step {
    let request = &situation.authorization.request;
    let silent = request.asks_for(Prompt::None);
    if must_sign_in(situation) {
        return if silent { fail(ErrorCode::LoginRequired, "the End-User has to sign in") } else { Step::Login };
    }
    if must_consent(situation) {
        return if silent { fail(ErrorCode::ConsentRequired, "the End-User has to consent") } else { Step::Consent };
    }
    Step::IssueCode
}

fn fail(code: ErrorCode, description: &str) -> Step {
    Step::Fail(ProtocolError::new(code, description))
}

fn must_sign_in(situation: &Situation<'_>) -> bool {
    let Some(session) = situation.session else { return true };
    let authorization = situation.authorization;
    let request = &authorization.request;
    if request.expected_subject.as_ref().is_some_and(|subject| *subject != session.user_id) {
        return true;
    }
    // Whoever signed in for this very request has met prompt=login and any max_age.
    if authorization.signed_in_by.as_ref() == Some(&session.id) {
        return false;
    }
    let age = situation.now.since(session.authenticated_at);
    let too_old = request.max_age.is_some_and(|limit| age > limit || limit == 0);
    too_old || request.asks_for(Prompt::Login) || request.asks_for(Prompt::SelectAccount)
}

fn must_consent(situation: &Situation<'_>) -> bool {
    let authorization = situation.authorization;
    // Whoever consented to this very request; somebody else who signed in since has not.
    if authorization.consented_by.is_some()
        && authorization.consented_by.as_ref() == situation.session.map(|session| &session.user_id)
    {
        return false;
    }
    if authorization.request.asks_for(Prompt::Consent) {
        return true;
    }
    let granted = situation.consent.is_some_and(|consent| consent.scopes.covers(&authorization.request.scopes));
    !granted && !situation.client.first_party
}

#[cfg(test)]
mod tests {
    use barycenter_core::model::{
        AuthorizationId, AuthorizationRequest, AuthorizationState, ClientAuthenticationMethod, ClientId, GrantType,
        Scopes, SessionId, UserId,
    };
    use barycenter_core::secret::Digest;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(10_000);

    fn client(first_party: bool) -> Client {
        Client {
            authentication_method: ClientAuthenticationMethod::None,
            redirect_uris: vec!["https://rp.example/cb".to_owned()],
            grant_types: vec![GrantType::AuthorizationCode],
            first_party,
            ..Client::new(ClientId::new("rp"), "RP", NOW)
        }
    }

    fn authorization(prompts: &[Prompt], max_age: Option<i64>) -> Authorization {
        let redirect_uri = client(false).resolve_redirect_uri(Some("https://rp.example/cb")).unwrap();
        Authorization {
            id: AuthorizationId::new("a"),
            handle: Digest::of("h"),
            browser: Digest::of("b"),
            request: AuthorizationRequest {
                client_id: ClientId::new("rp"),
                redirect_uri,
                scopes: Scopes::from_request("openid email"),
                state: None,
                nonce: None,
                code_challenge: None,
                prompts: prompts.to_vec(),
                max_age,
                expected_subject: None,
                login_hint: None,
                dpop_jkt: None,
                resources: Vec::new(),
            },
            state: AuthorizationState::Pending,
            signed_in_by: None,
            consented_by: None,
            created_at: NOW,
            expires_at: NOW.plus(3600),
        }
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

    fn consent(scopes: &str) -> Consent {
        Consent {
            user_id: UserId::new("u"),
            client_id: ClientId::new("rp"),
            scopes: Scopes::from_request(scopes),
            granted_at: NOW,
        }
    }

    fn decide(authorization: &Authorization, session: Option<&Session>, consent: Option<&Consent>) -> Step {
        next_step(&Situation { authorization, client: &client(false), session, consent, now: NOW })
    }

    fn code_of(step: &Step) -> Option<&'static str> {
        match step {
            Step::Fail(error) => Some(error.code.as_str()),
            _ => None,
        }
    }

    #[test]
    fn nobody_signed_in_means_login() {
        assert_eq!(decide(&authorization(&[], None), None, None), Step::Login);
        assert_eq!(code_of(&decide(&authorization(&[Prompt::None], None), None, None)), Some("login_required"));
    }

    #[test]
    fn a_session_without_consent_means_consent() {
        let session = session(5);
        assert_eq!(decide(&authorization(&[], None), Some(&session), None), Step::Consent);
        assert_eq!(decide(&authorization(&[], None), Some(&session), Some(&consent("openid"))), Step::Consent);
        let silent = decide(&authorization(&[Prompt::None], None), Some(&session), None);
        assert_eq!(code_of(&silent), Some("consent_required"));
    }

    #[test]
    fn a_session_with_consent_means_a_code() {
        let (session, consent) = (session(5), consent("openid email profile"));
        for prompts in [&[][..], &[Prompt::None]] {
            assert_eq!(decide(&authorization(prompts, None), Some(&session), Some(&consent)), Step::IssueCode);
        }
    }

    #[test]
    fn a_first_party_client_asks_for_consent_only_when_it_wants_to() {
        let session = session(5);
        for (prompts, step) in [(&[][..], Step::IssueCode), (&[Prompt::Consent], Step::Consent)] {
            let authorization = authorization(prompts, None);
            let client = client(true);
            let situation = Situation {
                authorization: &authorization,
                client: &client,
                session: Some(&session),
                consent: None,
                now: NOW,
            };
            assert_eq!(next_step(&situation), step);
        }
    }

    #[test]
    fn prompt_login_is_met_by_signing_in_for_this_request_only() {
        let (session, consent) = (session(0), consent("openid email"));
        for prompt in [Prompt::Login, Prompt::SelectAccount] {
            let mut authorization = authorization(&[prompt], None);
            assert_eq!(decide(&authorization, Some(&session), Some(&consent)), Step::Login);
            authorization.signed_in_by = Some(SessionId::new("other"));
            assert_eq!(decide(&authorization, Some(&session), Some(&consent)), Step::Login);
            authorization.signed_in_by = Some(session.id.clone());
            assert_eq!(decide(&authorization, Some(&session), Some(&consent)), Step::IssueCode);
        }
    }

    #[test]
    fn max_age_limits_the_age_of_the_sign_in() {
        let consent = consent("openid email");
        for (age, limit, step) in
            [(5, 10, Step::IssueCode), (10, 10, Step::IssueCode), (11, 10, Step::Login), (0, 0, Step::Login)]
        {
            assert_eq!(
                decide(&authorization(&[], Some(limit)), Some(&session(age)), Some(&consent)),
                step,
                "{age} {limit}"
            );
        }
        let silent = decide(&authorization(&[Prompt::None], Some(1)), Some(&session(2)), Some(&consent));
        assert_eq!(code_of(&silent), Some("login_required"));
    }

    #[test]
    fn prompt_consent_asks_again_once() {
        let (session, consent) = (session(5), consent("openid email"));
        let mut authorization = authorization(&[Prompt::Consent], None);
        assert_eq!(decide(&authorization, Some(&session), Some(&consent)), Step::Consent);
        authorization.consented_by = Some(UserId::new("somebody else"));
        assert_eq!(decide(&authorization, Some(&session), Some(&consent)), Step::Consent);
        authorization.consented_by = Some(session.user_id.clone());
        assert_eq!(decide(&authorization, Some(&session), Some(&consent)), Step::IssueCode);
    }

    #[test]
    fn another_users_hint_means_login() {
        let (session, consent) = (session(5), consent("openid email"));
        let mut hinted = authorization(&[], None);
        hinted.request.expected_subject = Some(UserId::new("somebody else"));
        assert_eq!(decide(&hinted, Some(&session), Some(&consent)), Step::Login);
        hinted.request.prompts = vec![Prompt::None];
        assert_eq!(code_of(&decide(&hinted, Some(&session), Some(&consent))), Some("login_required"));
    }
}
