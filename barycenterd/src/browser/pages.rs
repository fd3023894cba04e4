//! The pages themselves: one struct each, rendered by the template of its name. No page holds a script.

use askama::Template;
use poem::Response;
use poem::http::{StatusCode, header};

use crate::browser::assets::Assets;

/// What a page may load: our style sheet, and our picture. There is no `form-action`, because Chromium would apply
/// it to the redirect to a relying party that follows a form.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/// A page.
pub trait Page {
    /// Returns the page as HTML; `style` is the style sheet's path below the base.
    ///
    /// # Errors
    /// When a value cannot be written.
    fn render(&self, style: &str) -> askama::Result<String>;
}

/// Gives each page its template, with the style sheet's path beside the page's own values.
macro_rules! pages {
    ($($(#[doc = $doc:literal])* $page:ident $template:literal {
        $($(#[doc = $about:literal])* $field:ident: $kind:ty,)*
    })*) => {
        mod templates {
            $(
                #[derive(askama::Template)]
                #[template(path = $template)]
                pub(super) struct $page<'a> {
                    pub(super) page: &'a super::$page,
                    pub(super) style: &'a str,
                }
            )*
        }

        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone)]
            pub struct $page {
                $($(#[doc = $about])* pub $field: $kind,)*
            }

            impl Page for $page {
                fn render(&self, style: &str) -> askama::Result<String> {
                    templates::$page { page: self, style }.render()
                }
            }
        )*
    };
}

pages! {
    /// Name and password.
    Login "login.html" {
        /// Who wants to know, if somebody does.
        client_name: Option<String>,
        /// The name to begin with.
        username: String,
        /// What was wrong with the last try.
        error: Option<String>,
        /// The form's token.
        csrf: String,
        /// The handle of the waiting authorization.
        authorization: Option<String>,
        /// Where an account can be made, if it can.
        register_url: Option<String>,
        /// The path under which everything lies.
        base: String,
    }

    /// What a client may know.
    Consent "consent.html" {
        /// Who wants to know.
        client_name: String,
        /// Where the answer goes.
        client_host: String,
        /// Who is signed in.
        username: String,
        /// What is asked for.
        scopes: Vec<ScopeLine>,
        /// The form's token.
        csrf: String,
        /// The handle of the waiting authorization.
        authorization: String,
        /// The path under which everything lies.
        base: String,
    }

    /// A new account.
    Register "register.html" {
        /// What was typed before.
        username: String,
        /// What was typed before.
        email: String,
        /// What was wrong with the last try.
        errors: Vec<String>,
        /// The fewest characters of a password.
        minimum_length: usize,
        /// The form's token.
        csrf: String,
        /// The handle of the waiting authorization.
        authorization: Option<String>,
        /// The path under which everything lies.
        base: String,
    }

    /// Whether to sign out.
    LogoutConfirm "logout.html" {
        /// Who is signed in.
        username: String,
        /// Who asks, if that is known.
        client_name: Option<String>,
        /// The form's token.
        csrf: String,
        /// What the request said, to be said again.
        fields: Vec<(String, String)>,
        /// The path under which everything lies.
        base: String,
    }

    /// Nobody is signed in any more.
    LoggedOut "logged_out.html" {
        /// The path under which everything lies.
        base: String,
    }

    /// Who is signed in.
    Home "home.html" {
        /// Who is signed in, if somebody is.
        username: Option<String>,
        /// Their address, if they have one.
        email: Option<String>,
        /// The form's token.
        csrf: String,
        /// The path under which everything lies.
        base: String,
        /// The public address.
        issuer: String,
    }

    /// Something is wrong.
    ErrorPage "error.html" {
        /// What, in a few words.
        title: String,
        /// What, in a sentence or two, and the way out.
        message: String,
        /// The error code, for whoever develops the application.
        detail: Option<String>,
        /// What to tell the operator.
        request_id: Option<String>,
        /// The path under which everything lies.
        base: String,
    }
}

/// One scope in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeLine {
    /// What it gives, in a few words.
    pub title: String,
    /// The same in a sentence.
    pub description: String,
}

/// Puts scopes into words.
#[must_use]
pub fn scope_lines(scopes: &[&str]) -> Vec<ScopeLine> {
    scopes
        .iter()
        .map(|scope| {
            let (title, description) = match *scope {
                "openid" => ("Who you are", "An identifier that tells you apart from everybody else."),
                "profile" => ("Your profile", "Your username, your name and other details of your profile."),
                "email" => ("Your e-mail address", "The address, and whether it has been verified."),
                "offline_access" => ("Access while you are away", "Until you or the operator take it back."),
                other => (other, "A permission of this service."),
            };
            ScopeLine { title: title.to_owned(), description: description.to_owned() }
        })
        .collect()
}

/// Answers with a page that is not kept, not framed, and does not say where the browser came from.
pub fn html<P: Page>(page: &P, assets: &Assets, status: StatusCode) -> Response {
    let (status, body) = match page.render(assets.style_name()) {
        Ok(body) => (status, body),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, String::new())
        }
    };
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::X_FRAME_OPTIONS, "DENY")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CACHE_CONTROL, "no-store")
        .header("permissions-policy", "camera=(), microphone=(), geolocation=()")
        .body(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render<P: Page>(page: &P) -> String {
        page.render("style.css").unwrap()
    }

    fn hostile() -> String {
        "<script>alert('x')</script>\"".to_owned()
    }

    #[test]
    fn hostile_texts_are_escaped_on_every_page() {
        let line = ScopeLine { title: hostile(), description: hostile() };
        let pages = [
            render(&Login {
                client_name: Some(hostile()),
                username: hostile(),
                error: Some(hostile()),
                csrf: hostile(),
                authorization: Some(hostile()),
                register_url: Some(hostile()),
                base: String::new(),
            }),
            render(&Consent {
                client_name: hostile(),
                client_host: hostile(),
                username: hostile(),
                scopes: vec![line],
                csrf: hostile(),
                authorization: hostile(),
                base: String::new(),
            }),
            render(&LogoutConfirm {
                username: hostile(),
                client_name: Some(hostile()),
                csrf: hostile(),
                fields: vec![(hostile(), hostile())],
                base: String::new(),
            }),
            render(&ErrorPage {
                title: hostile(),
                message: hostile(),
                detail: Some(hostile()),
                request_id: Some(hostile()),
                base: String::new(),
            }),
        ];
        for page in pages {
            assert!(!page.contains("<script"), "{page}");
            assert!(!page.contains("x')</script>\""), "{page}");
        }
    }

    #[test]
    fn forms_keep_the_hooks_that_automation_relies_upon() {
        let login = Login {
            client_name: None,
            username: "admin".to_owned(),
            error: None,
            csrf: "c".to_owned(),
            authorization: Some("h".to_owned()),
            register_url: None,
            base: "/auth".to_owned(),
        };
        let login = render(&login);
        for hook in [
            "name=\"username\"",
            "name=\"password\"",
            "id=\"login-submit\"",
            "action=\"/auth/login\"",
            "value=\"h\"",
            "value=\"admin\"",
        ] {
            assert!(login.contains(hook), "{hook}: {login}");
        }
        let consent = render(&Consent {
            client_name: "RP".to_owned(),
            client_host: "rp.example".to_owned(),
            username: "admin".to_owned(),
            scopes: scope_lines(&["openid", "email"]),
            csrf: "c".to_owned(),
            authorization: "h".to_owned(),
            base: String::new(),
        });
        for hook in ["id=\"consent-accept\"", "id=\"consent-deny\"", "id=\"consent-switch\""] {
            assert!(consent.contains(hook), "{hook}: {consent}");
        }
    }
}
