//! The pages themselves: one struct each, rendered by the template of its name (`templates/`), with the style sheet
//! and the icon of `assets.rs`.
//!
//! No page holds a script, but for the one that sends its form by itself, whose only line is named in its policy by its
//! digest. Every text of a user or a client is escaped by the template: askama does so in `.html` files. What automation
//! may rely upon are the names of the inputs and the ids of the buttons.

use askama::Template;
use barycenter_core::model::Client;
use poem::Response;
use poem::http::{StatusCode, header};
use url::Url;

use crate::browser::assets::Assets;

/// The digest of the script in `form_post.html`, as `Content-Security-Policy` names it; a test compares the two.
const FORM_POST_SCRIPT: &str = "sha256-ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE=";

/// What a page may load and run besides our style sheet and our icon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Whether its form is sent by the script of `form_post.html`.
    pub sends_its_form: bool,
    /// The picture of a client, and nothing else from there.
    pub picture: Option<String>,
    /// The pages of clients that may be framed.
    pub frames: Vec<String>,
}

impl Policy {
    /// Writes it as a header. There is no `form-action`, because Chromium would apply it to the redirect to a relying
    /// party that follows a form.
    fn header(&self) -> String {
        let mut policy = "default-src 'none'; style-src 'self'; img-src 'self'".to_owned();
        let mut add = |text: &str| {
            policy.push(' ');
            policy.push_str(text);
        };
        if let Some(source) = self.picture.as_deref().and_then(source) {
            add(&source);
        }
        let frames: Vec<String> = self.frames.iter().filter_map(|address| source(address)).collect();
        if !frames.is_empty() {
            add(&format!("; frame-src {}", frames.join(" ")));
        }
        if self.sends_its_form {
            add(&format!("; script-src '{FORM_POST_SCRIPT}'"));
        }
        policy.push_str("; base-uri 'none'; frame-ancestors 'none'");
        policy.replace(" ; ", "; ")
    }
}

/// Writes an address as a source: its query does not count there, and what would end the source is encoded.
fn source(address: &str) -> Option<String> {
    let mut url = Url::parse(address).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url.as_str().replace(';', "%3B").replace(',', "%2C").replace(' ', "%20"))
}

/// What a page may ask of the device: nothing.
const PERMISSIONS_POLICY: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/// A page.
pub trait Page {
    /// Returns the page as HTML.
    ///
    /// # Errors
    /// When a value cannot be written.
    fn render(&self, assets: &Assets) -> askama::Result<String>;
}

/// Gives each page its template, with the names of the assets beside the page's own values.
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
                    pub(super) icon: &'a str,
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
                fn render(&self, assets: &Assets) -> askama::Result<String> {
                    templates::$page { page: self, style: assets.style_name(), icon: assets.icon_name() }.render()
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
        /// What they say about themselves.
        about: About,
        /// The name to begin with.
        username: String,
        /// What was wrong with the last try.
        error: Option<String>,
        /// The form's token.
        csrf: String,
        /// The handle of the waiting authorization.
        authorization: Option<String>,
        /// The code of the waiting device.
        user_code: Option<String>,
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
        /// What they say about themselves.
        about: About,
        /// Whether the user has granted something before.
        adds: bool,
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

    /// The code that a device shows.
    DeviceCode "device.html" {
        /// What was typed before.
        user_code: String,
        /// What was wrong with it.
        error: Option<String>,
        /// The form's token.
        csrf: String,
        /// The path under which everything lies.
        base: String,
    }

    /// Whether to let a device in.
    DeviceConsent "device_consent.html" {
        /// Who asks.
        client_name: String,
        /// What they say about themselves.
        about: About,
        /// Who is signed in.
        username: String,
        /// What the device shows.
        user_code: String,
        /// What is asked for.
        scopes: Vec<ScopeLine>,
        /// The form's token.
        csrf: String,
        /// The path under which everything lies.
        base: String,
    }

    /// What became of a device.
    DeviceDone "device_done.html" {
        /// Who asked.
        client_name: String,
        /// Whether it was let in.
        approved: bool,
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

    /// Sends a response to a client.
    FormPost "form_post.html" {
        /// Where it goes.
        action: String,
        /// What it says.
        fields: Vec<(String, String)>,
        /// The path under which everything lies.
        base: String,
    }

    /// Nobody is signed in any more.
    LoggedOut "logged_out.html" {
        /// The pages of clients that end their sessions when they are loaded.
        frames: Vec<String>,
        /// Where the browser goes from here, if somewhere: address and the client's name.
        onward: Option<(String, String)>,
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

/// What a client says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Its logo: an https address.
    pub logo: Option<String>,
    /// Its privacy policy.
    pub policy: Option<String>,
    /// Its terms of service.
    pub terms: Option<String>,
}

impl About {
    /// Takes what a client is registered with; only what a page may show.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        let metadata = &client.metadata;
        let shown = |address: &Option<String>, schemes: &[&str]| {
            let scheme = |address: &String| Url::parse(address).is_ok_and(|url| schemes.contains(&url.scheme()));
            address.as_ref().filter(|address| scheme(address)).cloned()
        };
        Self {
            // In clear text it would tell the network who signs in where.
            logo: shown(&metadata.logo_uri, &["https"]),
            policy: shown(&metadata.policy_uri, &["https", "http"]),
            terms: shown(&metadata.tos_uri, &["https", "http"]),
        }
    }
}

/// One scope in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeLine {
    /// Its name on the wire.
    pub name: String,
    /// What it gives, in a few words.
    pub title: String,
    /// The same in a sentence.
    pub description: String,
}

/// Puts scopes into words; one that we have no words for keeps its name.
#[must_use]
pub fn scope_lines(scopes: &[&str]) -> Vec<ScopeLine> {
    let line = |name: &&str| {
        let (title, description) = match *name {
            "openid" => ("Who you are", "An identifier that tells you apart from everybody else."),
            "profile" => ("Your profile", "Your username, your name and other details of your profile."),
            "email" => ("Your e-mail address", "The address, and whether it has been verified."),
            "address" => ("Your postal address", "As it stands in your profile."),
            "phone" => ("Your phone number", "The number, and whether it has been verified."),
            "groups" => ("Your groups", "The names of the groups that you belong to."),
            "offline_access" => ("Access while you are away", "Until you or the operator take it back."),
            other => (other, "A permission of this service."),
        };
        ScopeLine { name: (*name).to_owned(), title: title.to_owned(), description: description.to_owned() }
    };
    scopes.iter().map(line).collect()
}

/// Answers with a page that is not kept, not framed, and does not say where the browser came from.
///
/// There is no `Cross-Origin-Opener-Policy`: it would part the page from a relying party that signs its users in
/// through a pop-up window, for good.
pub fn html<P: Page>(page: &P, assets: &Assets, status: StatusCode) -> Response {
    html_with(page, assets, status, &Policy::default())
}

/// The same for a page that may load or run more than others.
pub fn html_with<P: Page>(page: &P, assets: &Assets, status: StatusCode, policy: &Policy) -> Response {
    let (status, body) = match page.render(assets) {
        Ok(body) => (status, body),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, String::new())
        }
    };
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, policy.header())
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::X_FRAME_OPTIONS, "DENY")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CACHE_CONTROL, "no-store")
        .header("permissions-policy", PERMISSIONS_POLICY)
        .body(body)
}

#[cfg(test)]
mod tests;
