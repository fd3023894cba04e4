//! The browser in front of us: what its cookies say, and which forms are its own.
//!
//! Three cookies, all HttpOnly and SameSite=Lax, with the `__Host-` prefix where the issuer is https: `browser` names
//! the browser (an authorization is bound to it, and so is every form), `session` opens the session; both are random
//! values of which the database knows only digests. `device` proves that somebody has signed in here before; it opens
//! nothing, but keeps others' failed tries from slowing its owner down (`attempt.rs`).

use std::net::IpAddr;

use aws_lc_rs::hmac;
use barycenter_core::model::{AuthenticationMethod, Session, SessionId, User};
use barycenter_core::secret::{Digest, Secret};
use barycenter_core::store::{StoreError, Transaction};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::http::header::{self, HeaderValue};
use poem::{Request, Response};

use crate::app::App;
use crate::browser::attempt;
use crate::client_address::client_address;
use crate::oidc::{DisplayedError, Parameters};

/// How long the browser cookie lasts, in seconds: as long as the longest sign-in that it may have to finish.
const BROWSER_MAX_AGE: i64 = 86_400;

/// How long a device is known, in seconds.
const DEVICE_MAX_AGE: i64 = 180 * 86_400;

/// The browser of one request.
pub(crate) struct Visitor {
    browser: Option<Secret>,
    session: Option<Secret>,
    device: Option<Secret>,
    address: IpAddr,
    secure: bool,
    cookies: Vec<String>,
}

impl Visitor {
    /// Reads a request's cookies.
    pub(crate) fn of(app: &App, request: &Request) -> Self {
        let secure = app.config.secure_cookies();
        let find = |name: &str| {
            let wanted = cookie_name(name, secure);
            let headers = request.headers().get_all(header::COOKIE);
            let mut pairs = headers.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
            pairs.find_map(|pair| {
                let (name, value) = pair.trim().split_once('=')?;
                (name == wanted && !value.is_empty()).then(|| Secret::new(value))
            })
        };
        Self {
            browser: find("browser"),
            session: find("session"),
            device: find("device"),
            address: client_address(&app.config.server.trusted_proxies, request),
            secure,
            cookies: Vec::new(),
        }
    }

    /// Returns where the request comes from.
    pub(super) fn address(&self) -> IpAddr {
        self.address
    }

    /// Returns what the browser shows to prove that somebody has signed in with it before.
    pub(super) fn device(&self) -> Option<&Secret> {
        self.device.as_ref()
    }

    /// Returns the name of this browser; one that has none gets one.
    pub(crate) fn browser(&mut self) -> Secret {
        if let Some(browser) = &self.browser {
            return browser.clone();
        }
        let browser = Secret::random();
        self.browser = Some(browser.clone());
        self.keep_browser();
        browser
    }

    /// Lets the browser keep its name for the whole of a sign-in that begins now.
    pub(crate) fn keep_browser(&mut self) {
        let browser = self.browser();
        self.cookies.retain(|cookie| !cookie.contains("barycenter-browser="));
        self.set_cookie("browser", &browser, BROWSER_MAX_AGE);
    }

    /// Returns whether this is the browser of that digest.
    pub(crate) fn is_browser(&self, digest: &Digest) -> bool {
        self.browser.as_ref().is_some_and(|browser| browser.digest().matches(digest))
    }

    /// Returns the browser's session, if its user may still sign in.
    pub(crate) async fn session(&self, app: &App) -> Result<Option<Session>, StoreError> {
        Ok(self.signed_in(app).await?.map(|(session, _)| session))
    }

    /// Returns the browser's session and its user, if that one may still sign in.
    pub(crate) async fn signed_in(&self, app: &App) -> Result<Option<(Session, User)>, StoreError> {
        let Some(cookie) = &self.session else { return Ok(None) };
        let Some(session) = app.store.sessions().by_cookie(&cookie.digest(), app.now()).await? else { return Ok(None) };
        let user = app.store.users().by_id(&session.user_id).await?;
        Ok(user.filter(|user| user.enabled).map(|user| (session, user)))
    }

    /// Begins a session, or renews the one that the same user has in this browser. The cookie is a new one at every
    /// sign-in, so that nobody can prepare one beforehand; somebody else's session ends.
    pub(crate) async fn begin_session(
        &mut self,
        app: &App,
        transaction: &Transaction,
        user: &User,
    ) -> Result<Session, StoreError> {
        let now = app.now();
        let old = match &self.session {
            Some(old) => transaction.sessions().by_cookie(&old.digest(), now).await?,
            None => None,
        };
        let cookie = Secret::random();
        let lifetime = app.config.oidc.session_lifetime.as_seconds();
        let own = old.as_ref().filter(|old| old.user_id == user.id).map(|old| old.id.clone());
        let session = Session {
            id: own.clone().unwrap_or_else(|| SessionId::generate(now)),
            cookie: cookie.digest(),
            user_id: user.id.clone(),
            authenticated_at: now,
            methods: vec![AuthenticationMethod::Password],
            expires_at: now.plus(lifetime),
        };
        match old {
            // The clients in which the user is signed in stay so: they know the session by the same `sid`.
            Some(_) if own.is_some() => transaction.sessions().renew(&session).await?,
            Some(other) => {
                transaction.sessions().end(&other.id).await?;
                transaction.tokens().revoke_session(&other.user_id, &other.id).await?;
                app.logouts.notify_one();
                transaction.sessions().insert(&session).await?;
            }
            None => transaction.sessions().insert(&session).await?,
        }
        transaction.users().record_login(&user.id, now).await?;
        self.set_cookie("session", &cookie, lifetime);
        self.session = Some(cookie);
        self.set_cookie("device", &attempt::device_of(&app.devices, user.username.as_str()), DEVICE_MAX_AGE);
        Ok(session)
    }

    /// Ends the browser's session: somebody else wants to sign in.
    pub(super) async fn sign_out(&mut self, app: &App, session: &Session) -> Result<(), StoreError> {
        let transaction = app.store.write().await?;
        transaction.sessions().end(&session.id).await?;
        transaction.tokens().revoke_session(&session.user_id, &session.id).await?;
        transaction.commit().await?;
        app.logouts.notify_one();
        self.forget_session();
        Ok(())
    }

    /// Takes the session's cookie away.
    pub(crate) fn forget_session(&mut self) {
        self.session = None;
        self.set_cookie("session", &Secret::new(""), 0);
    }

    /// Returns the token that a form of ours carries: only this browser can send it back.
    pub(crate) fn form_token(&mut self, app: &App, form: &str) -> String {
        let browser = self.browser();
        URL_SAFE_NO_PAD.encode(hmac::sign(&app.forms, form_message(&browser, form).as_bytes()))
    }

    /// Refuses a form that did not come from one of our own pages in this browser.
    pub(crate) fn require_own_form(
        &self,
        app: &App,
        request: &Request,
        form: &str,
        parameters: &Parameters,
    ) -> Result<(), DisplayedError> {
        let foreign = request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site");
        let token = parameters.get("csrf").and_then(|token| URL_SAFE_NO_PAD.decode(token).ok());
        let genuine = match (&self.browser, token) {
            (Some(browser), Some(token)) => {
                hmac::verify(&app.forms, form_message(browser, form).as_bytes(), &token).is_ok()
            }
            _ => false,
        };
        if genuine && !foreign {
            return Ok(());
        }
        Err(DisplayedError::forbidden(
            "This form did not come from this browser, or its cookies are blocked. Please go back, reload the page and try again.",
        ))
    }

    /// Adds the cookies that changed to a response.
    pub(crate) fn attach(self, mut response: Response) -> Response {
        for cookie in self.cookies {
            if let Ok(value) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        response
    }

    fn set_cookie(&mut self, name: &str, value: &Secret, max_age: i64) {
        let (name, value) = (cookie_name(name, self.secure), value.expose());
        let secure = if self.secure { "; Secure" } else { "" };
        self.cookies.push(format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}"));
    }
}

fn cookie_name(name: &str, secure: bool) -> String {
    let prefix = if secure { "__Host-" } else { "" };
    format!("{prefix}barycenter-{name}")
}

fn form_message(browser: &Secret, form: &str) -> String {
    format!("{form}\0{}", browser.expose())
}
