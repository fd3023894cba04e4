//! Claims: where they are given, how each client knows a user, and UserInfo that is signed.

use super::*;

async fn ada() -> Scene<impl Endpoint> {
    let scene = scene().await;
    let properties = serde_json::from_value(serde_json::json!({
        "name": "Ada", "address": { "locality": "London" }, "phone_number": "+44 20 1",
    }))
    .unwrap();
    let email = Some(EmailAddress::parse("ada@example.com").unwrap());
    scene.app.store.users().update(&User { properties, email, ..scene.user.clone() }).await.unwrap();
    scene
}

#[tokio::test]
async fn single_claims_are_given_where_they_were_asked_for() {
    let scene = ada().await;
    let claims = r#"{"userinfo":{"name":{"essential":true}},"id_token":{"email":null}}"#;
    let code = scene.code("rp", &[("claims", claims)]).await;
    let (_, tokens) = scene.redeem(&code, &[]).await;
    let id_token = scene.claims(&tokens);
    assert_eq!((id_token.get("name"), id_token["email"].as_str()), (None, Some("ada@example.com")));
    let userinfo = scene.about(&text(&tokens, "access_token")).await;
    assert_eq!(userinfo, serde_json::json!({ "sub": scene.user.id, "name": "Ada" }));
}

#[tokio::test]
async fn single_claims_outlive_a_refresh() {
    let scene = ada().await;
    let more = [("claims", r#"{"userinfo":{"name":null}}"#), ("scope", "openid offline_access")];
    let code = scene.code("rp", &more).await;
    let (_, tokens) = scene.redeem(&code, &[]).await;
    let (_, tokens) = scene.refresh("rp", "s3cret", &text(&tokens, "refresh_token"), None).await;
    assert_eq!(scene.about(&text(&tokens, "access_token")).await["name"], "Ada");
}

#[tokio::test]
async fn single_claims_beyond_what_the_client_may_have_are_not_given() {
    let scene = ada().await;
    scene.change("rp", |client| client.scopes = Scopes::from_request("openid email")).await;
    let claims = r#"{"userinfo":{"name":null,"email":null},"id_token":{"name":null}}"#;
    let code = scene.code("rp", &[("claims", claims)]).await;
    let (_, tokens) = scene.redeem(&code, &[]).await;
    assert!(scene.claims(&tokens).get("name").is_none());
    let userinfo = scene.about(&text(&tokens, "access_token")).await;
    assert_eq!((userinfo.get("name"), userinfo["email"].as_str()), (None, Some("ada@example.com")));
}

#[tokio::test]
async fn the_id_token_holds_no_claims_that_nobody_asked_for_there() {
    let scene = ada().await;
    let tokens = scene.tokens("openid profile email address phone groups").await;
    let claims = scene.claims(&tokens);
    for name in ["name", "email", "address", "phone_number", "groups", "preferred_username", "updated_at"] {
        assert!(claims.get(name).is_none(), "{name}: {claims}");
    }
    let userinfo = scene.about(&text(&tokens, "access_token")).await;
    assert_eq!(userinfo["address"], serde_json::json!({ "locality": "London" }));
    assert_eq!(userinfo["phone_number"], "+44 20 1");
    assert!(userinfo["updated_at"].is_number());
}

#[tokio::test]
async fn a_request_for_another_subject_is_not_answered_about_this_one() {
    let scene = ada().await;
    for place in ["id_token", "userinfo"] {
        let other = format!(r#"{{"{place}":{{"sub":{{"value":"somebody"}}}}}}"#);
        assert_eq!(scene.refused("rp", &[("prompt", "none"), ("claims", &other)]).await, "login_required");
        let own = format!(r#"{{"{place}":{{"sub":{{"value":"{}"}}}}}}"#, scene.user.id);
        scene.code("rp", &[("prompt", "none"), ("claims", &own)]).await;
    }
}

#[tokio::test]
async fn pairwise_subjects_are_the_same_everywhere_and_differ_between_sectors() {
    let scene = ada().await;
    scene.change("rp", |client| client.metadata.subject_type = SubjectType::Pairwise).await;
    let tokens = scene.tokens("openid").await;
    let claims = scene.claims(&tokens);
    let subject = claims["sub"].as_str().unwrap().to_owned();
    assert_ne!(subject, scene.user.id.as_str());
    assert_eq!(scene.about(&text(&tokens, "access_token")).await["sub"], subject.as_str());
    let hint = text(&tokens, "id_token");
    scene.code("rp", &[("prompt", "none"), ("id_token_hint", &hint)]).await;
    let claim = format!(r#"{{"id_token":{{"sub":{{"value":"{subject}"}}}}}}"#);
    scene.code("rp", &[("prompt", "none"), ("claims", &claim)]).await;
    scene.change("rp", |client| client.redirect_uris.insert(0, "https://elsewhere.example/cb".to_owned())).await;
    assert_ne!(scene.claims(&scene.tokens("openid").await)["sub"], subject.as_str());
}

#[tokio::test]
async fn userinfo_is_signed_for_a_client_that_is_registered_for_it() {
    let scene = ada().await;
    let algorithm = scene.app.keyring.algorithm();
    scene.change("rp", |client| client.metadata.userinfo_signed_response_alg = Some(algorithm)).await;
    let token = text(&scene.tokens("openid profile").await, "access_token");
    let response = scene.http.get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}")).send().await;
    response.assert_status_is_ok();
    response.assert_content_type("application/jwt");
    let jwt = response.0.into_body().into_string().await.unwrap();
    let claims = scene.app.keyring.verify_signature(&jwt).expect("our signature");
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some("http://localhost:8080"), Some("rp")));
    assert_eq!((claims["sub"].as_str(), claims["name"].as_str()), (Some(scene.user.id.as_str()), Some("Ada")));
    assert!(claims.get("nonce").is_none());
    // It is no ID Token.
    assert_eq!(scene.refused("rp", &[("id_token_hint", &jwt)]).await, "invalid_request");
}
