//! A person's browser without scripts: it keeps cookies, fills in forms and follows redirects one at a time, so that
//! a test sees every answer, and the address of a relying party is never called.

use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use url::Url;

use crate::html::{self, Form};

/// An answer that was read to its end.
#[derive(Debug)]
pub struct Page {
    /// The address that answered.
    pub url: Url,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The text.
    pub body: String,
}

impl Page {
    async fn read(response: Response) -> Self {
        Self {
            url: response.url().clone(),
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.expect("the answer ends"),
        }
    }

    /// Returns where a redirect leads, as an absolute URL.
    pub fn location(&self) -> Option<Url> {
        let location = self.headers.get(LOCATION)?.to_str().ok()?;
        Some(self.url.join(location).expect("a redirect leads somewhere"))
    }

    /// Returns the form that has this input or this button.
    #[track_caller]
    pub fn form(&self, name: &str) -> Form {
        let found = html::forms(&self.body).into_iter().find(|form| form.has(name) || form.has_button(name));
        match found {
            Some(form) => form,
            None => panic!("{} ({}) has no form with {name}:\n{}", self.url, self.status, self.body),
        }
    }

    /// Whether a form of this page has this input or this button.
    pub fn offers(&self, name: &str) -> bool {
        html::forms(&self.body).iter().any(|form| form.has(name) || form.has_button(name))
    }
}

/// A browser: its cookies live as long as it does.
#[derive(Debug)]
pub struct Visitor {
    http: reqwest::Client,
}

impl Default for Visitor {
    fn default() -> Self {
        Self::new()
    }
}

impl Visitor {
    /// Opens a browser without any cookies.
    pub fn new() -> Self {
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .cookie_store(true)
            .no_proxy()
            .build()
            .expect("an HTTP client");
        Self { http }
    }

    /// Fetches a page, without following a redirect.
    pub async fn get(&self, url: &str) -> Page {
        let response = self.http.get(url).send().await;
        Page::read(response.expect("the server answers")).await
    }

    /// Sends a form of a page, without following a redirect.
    pub async fn submit(&self, page: &Page, form: &Form) -> Page {
        let action = page.url.join(&form.action).expect("a form's action");
        let request = self.http.post(action).form(&form.fields);
        // What a browser says about a form that comes from the server's own page.
        let request =
            request.header("origin", page.url.origin().ascii_serialization()).header("sec-fetch-site", "same-origin");
        Page::read(request.send().await.expect("the server answers")).await
    }

    /// Follows redirects from `page` for as long as they stay on the same server; the last answer is a page, or the
    /// redirect that leads to another server.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            match page.location() {
                Some(next) if next.origin() == page.url.origin() => {
                    page = self.get(next.as_str()).await;
                }
                _ => return page,
            }
        }
        panic!("redirects without end at {}", page.url);
    }

    /// Fetches a page and follows redirects on the same server.
    pub async fn visit(&self, url: &str) -> Page {
        let page = self.get(url).await;
        self.follow(page).await
    }

    /// Fills in the login page and follows where it leads.
    pub async fn log_in(&self, page: &Page, username: &str, password: &str) -> Page {
        let mut form = page.form("login-submit");
        form.set("username", username);
        form.set("password", password);
        form.press("login-submit");
        let answer = self.submit(page, &form).await;
        self.follow(answer).await
    }

    /// Presses a button of a page and follows where it leads.
    pub async fn press(&self, page: &Page, button: &str) -> Page {
        let mut form = page.form(button);
        form.press(button);
        let answer = self.submit(page, &form).await;
        self.follow(answer).await
    }

    /// Makes an authorization request, logs in and consents where asked, and returns the address that the browser is
    /// sent to in the end.
    pub async fn authorize(&self, request: &str, username: &str, password: &str) -> Url {
        let mut page = self.visit(request).await;
        if page.offers("login-submit") {
            page = self.log_in(&page, username, password).await;
        }
        if page.offers("consent-accept") {
            page = self.press(&page, "consent-accept").await;
        }
        match page.location() {
            Some(location) => location,
            None => panic!("{} ({}) does not lead back to the relying party:\n{}", page.url, page.status, page.body),
        }
    }
}
