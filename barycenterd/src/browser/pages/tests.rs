//! Pages as browsers, people and automation see them: escaped, focused, with the hooks that others rely upon.

use super::*;

const HOSTILE: &str = "<script>alert('x')</script>\"";

fn hostile() -> String {
    HOSTILE.to_owned()
}

fn render<P: Page>(page: &P) -> String {
    page.render(&Assets::new()).unwrap()
}

fn login() -> Login {
    Login {
        client_name: None,
        about: About::default(),
        username: String::new(),
        error: None,
        csrf: "c".to_owned(),
        authorization: Some("h".to_owned()),
        user_code: None,
        register_url: None,
        base: "/auth".to_owned(),
    }
}

#[track_caller]
fn assert_holds(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text} is missing: {page}");
    }
}

/// Every page, with the same hostile text in every place.
fn hostile_pages() -> Vec<String> {
    let line = ScopeLine { name: hostile(), title: hostile(), description: hostile() };
    vec![
        render(&Login {
            client_name: Some(hostile()),
            about: About { logo: Some(hostile()), policy: Some(hostile()), terms: Some(hostile()) },
            username: hostile(),
            error: Some(hostile()),
            csrf: hostile(),
            authorization: Some(hostile()),
            user_code: Some(hostile()),
            register_url: Some(hostile()),
            base: hostile(),
        }),
        render(&Consent {
            client_name: hostile(),
            client_host: hostile(),
            about: About { logo: Some(hostile()), policy: Some(hostile()), terms: Some(hostile()) },
            adds: true,
            username: hostile(),
            scopes: vec![line],
            csrf: hostile(),
            authorization: hostile(),
            base: hostile(),
        }),
        render(&Register {
            username: hostile(),
            email: hostile(),
            errors: vec![hostile()],
            minimum_length: 15,
            csrf: hostile(),
            authorization: Some(hostile()),
            base: hostile(),
        }),
        render(&LogoutConfirm {
            username: hostile(),
            client_name: Some(hostile()),
            csrf: hostile(),
            fields: vec![(hostile(), hostile())],
            base: hostile(),
        }),
        render(&DeviceCode { user_code: hostile(), error: Some(hostile()), csrf: hostile(), base: hostile() }),
        render(&DeviceConsent {
            client_name: hostile(),
            about: About { logo: Some(hostile()), policy: Some(hostile()), terms: Some(hostile()) },
            username: hostile(),
            user_code: hostile(),
            scopes: scope_lines(&["openid", "profile"]),
            csrf: hostile(),
            base: hostile(),
        }),
        render(&DeviceDone { client_name: hostile(), approved: true, base: hostile() }),
        render(&LoggedOut { frames: vec![hostile()], onward: Some((hostile(), hostile())), base: hostile() }),
        render(&FormPost { action: hostile(), fields: vec![(hostile(), hostile())], base: hostile() })
            .replace("<script>document.forms[0].submit()</script>", ""),
        render(&Home {
            username: Some(hostile()),
            email: Some(hostile()),
            csrf: hostile(),
            base: hostile(),
            issuer: hostile(),
        }),
        render(&ErrorPage {
            title: hostile(),
            message: hostile(),
            detail: Some(hostile()),
            request_id: Some(hostile()),
            base: hostile(),
        }),
    ]
}

#[test]
fn hostile_texts_are_escaped_on_every_page() {
    for page in hostile_pages() {
        assert!(!page.contains("<script") && !page.contains("</script>\""), "{page}");
        assert!(!page.contains("style=") && !page.contains("javascript:"), "{page}");
    }
}

#[test]
fn forms_keep_the_hooks_that_automation_relies_upon() {
    let page = render(&Login { username: "admin".to_owned(), ..login() });
    assert_holds(&page, &["action=\"/auth/login\"", "name=\"username\"", "name=\"password\"", "id=\"login-submit\""]);
    assert_holds(&page, &["name=\"csrf\" value=\"c\"", "name=\"authorization\" value=\"h\"", "value=\"admin\""]);

    let page = render(&Consent {
        client_name: "RP".to_owned(),
        client_host: "rp.example".to_owned(),
        about: About::default(),
        adds: false,
        username: "admin".to_owned(),
        scopes: scope_lines(&["openid", "email"]),
        csrf: "c".to_owned(),
        authorization: "h".to_owned(),
        base: String::new(),
    });
    assert_holds(&page, &["id=\"consent-accept\" type=\"submit\" name=\"decision\" value=\"accept\""]);
    assert_holds(&page, &["id=\"consent-deny\" type=\"submit\" name=\"decision\" value=\"deny\""]);
    assert_holds(&page, &["id=\"consent-switch\" type=\"submit\" name=\"decision\" value=\"switch\""]);
    assert_holds(&page, &["RP", "rp.example", "admin", "Who you are", "Your e-mail address"]);

    let page = render(&LogoutConfirm {
        username: "admin".to_owned(),
        client_name: None,
        csrf: "c".to_owned(),
        fields: vec![("state".to_owned(), "s".to_owned())],
        base: String::new(),
    });
    assert_holds(&page, &["action=\"/logout\"", "id=\"logout-confirm\"", "name=\"state\" value=\"s\""]);
}

#[test]
fn the_first_field_to_fill_in_has_the_focus() {
    let focused = |page: &str| page.split("<input").find(|input| input.contains("autofocus")).unwrap().to_owned();
    assert!(focused(&render(&login())).contains("id=\"username\""));
    let known = render(&Login { username: "alice".to_owned(), ..login() });
    assert!(focused(&known).contains("id=\"password\""));
}

#[test]
fn an_error_is_announced_and_belongs_to_its_fields() {
    let page = render(&Login { error: Some("Not right.".to_owned()), ..login() });
    assert_holds(&page, &["<title>Error: Sign in</title>", "role=\"alert\" id=\"login-error\""]);
    assert_eq!(page.matches("aria-describedby=\"login-error\"").count(), 2);
    assert!(!render(&login()).contains("login-error"));
}

#[test]
fn a_page_loads_what_the_daemon_serves() {
    let assets = Assets::new();
    let page = render(&login());
    assert_holds(&page, &[&format!("href=\"/auth/assets/{}\"", assets.style_name())]);
    assert_holds(&page, &[&format!("href=\"/auth/assets/{}\"", assets.icon_name())]);
}

#[test]
fn a_page_is_not_kept_not_framed_and_runs_nothing() {
    let response = html(&login(), &Assets::new(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let header = |name: &str| response.headers()[name].to_str().unwrap();
    let policy = header("content-security-policy");
    assert_holds(policy, &["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]);
    assert!(!policy.contains("script-src") && !policy.contains("unsafe") && !policy.contains("form-action"));
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("x-frame-options"), "DENY");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
}

#[test]
fn the_one_script_is_the_one_that_the_policy_names() {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::Engine as _;
    let page = render(&FormPost { action: "https://rp.example/cb".to_owned(), fields: vec![], base: String::new() });
    let (_, rest) = page.split_once("<script>").unwrap();
    let (script, rest) = rest.split_once("</script>").unwrap();
    assert!(!rest.contains("<script"));
    let digest = base64::engine::general_purpose::STANDARD.encode(digest(&SHA256, script.as_bytes()));
    assert_eq!(FORM_POST_SCRIPT, format!("sha256-{digest}"));
    assert_holds(&page, &["<form method=\"post\" action=\"https://rp.example/cb\">", "id=\"form-post-continue\""]);
}

#[test]
fn a_policy_permits_just_what_the_page_needs() {
    assert_eq!(
        Policy::default().header(),
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let policy = Policy {
        picture: Some("https://rp.example/a;b,c.png?x=1".to_owned()),
        frames: vec!["https://rp.example/out?sid=1".to_owned(), "http://127.0.0.1:9/out".to_owned()],
        ..Policy::default()
    };
    assert_eq!(
        policy.header(),
        "default-src 'none'; style-src 'self'; img-src 'self' https://rp.example/a%3Bb%2Cc.png; \
         frame-src https://rp.example/out http://127.0.0.1:9/out; base-uri 'none'; frame-ancestors 'none'"
    );
    let posting = Policy { sends_its_form: true, ..Policy::default() };
    assert!(posting.header().contains(&format!("img-src 'self'; script-src '{FORM_POST_SCRIPT}'; base-uri")));
}

#[test]
fn a_logo_in_clear_text_is_not_shown() {
    let mut client =
        Client::new(barycenter_core::model::ClientId::new("rp"), "RP", barycenter_core::model::Timestamp::from_unix(0));
    client.metadata.logo_uri = Some("http://rp.example/logo.png".to_owned());
    client.metadata.policy_uri = Some("javascript:alert(1)".to_owned());
    client.metadata.tos_uri = Some("https://rp.example/tos".to_owned());
    let about = About::of(&client);
    assert_eq!(about, About { logo: None, policy: None, terms: Some("https://rp.example/tos".to_owned()) });
}

#[test]
fn a_scope_without_words_keeps_its_name() {
    let lines = scope_lines(&["groups", "calendar:read"]);
    assert_eq!(lines[0].title, "Your groups");
    assert_eq!(lines[1].title, "calendar:read");
    assert_eq!(lines[1].name, "calendar:read");
}
