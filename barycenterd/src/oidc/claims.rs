//! Claims about the End-User (OpenID Connect Core section 5): which scope gives which, and where they come from.
//!
//! Profile claims are filled from the user's properties; no property ever takes a protocol claim's place.

use barycenter_core::model::user::RESERVED_CLAIMS;
use barycenter_core::model::{EmailAddress, Scope, Scopes, User};
use serde_json::{Map, Value, json};

/// The standard profile claims that a property of the same name fills.
const PROFILE_CLAIMS: &[&str] = &[
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
];

/// Returns every claim that UserInfo may hold, for discovery.
pub(super) fn supported(property_claims: &[String]) -> Vec<&str> {
    let always = ["sub", "preferred_username", "updated_at", "email", "email_verified", "groups"];
    let configured = property_claims.iter().map(String::as_str);
    always.into_iter().chain(PROFILE_CLAIMS.iter().copied()).chain(configured).collect()
}

/// Returns the claims that these scopes give about a user, `sub` among them. `property_claims` names further
/// properties that go with `profile`.
pub(super) fn about(user: &User, scopes: &Scopes, property_claims: &[String]) -> Map<String, Value> {
    let mut claims = Map::new();
    if scopes.contains(Scope::Profile) {
        let names = PROFILE_CLAIMS.iter().copied().chain(property_claims.iter().map(String::as_str));
        for name in names.filter(|name| !RESERVED_CLAIMS.contains(name)) {
            if let Some(value) = user.properties.get(name) {
                claims.insert(name.to_owned(), value.clone());
            }
        }
        if let (false, Some(name)) = (claims.contains_key("name"), user.properties.get("display_name")) {
            claims.insert("name".to_owned(), name.clone());
        }
        claims.insert("preferred_username".to_owned(), json!(user.username.as_str()));
        claims.insert("updated_at".to_owned(), json!(user.updated_at));
    }
    if let (true, Some(email)) = (scopes.contains(Scope::Email), &user.email) {
        claims.insert("email".to_owned(), json!(EmailAddress::as_str(email)));
        claims.insert("email_verified".to_owned(), json!(user.email_verified));
    }
    if scopes.contains(Scope::Groups) {
        claims.insert("groups".to_owned(), json!(user.groups));
    }
    claims.insert("sub".to_owned(), json!(user.id));
    claims
}

#[cfg(test)]
mod tests {
    use barycenter_core::model::{Timestamp, UserId, Username};

    use super::*;

    fn user(properties: Value) -> User {
        User {
            id: UserId::new("u-1"),
            email: Some(EmailAddress::parse("admin@example.com").unwrap()),
            email_verified: true,
            properties: serde_json::from_value(properties).unwrap(),
            updated_at: Timestamp::from_unix(2),
            ..User::new(Username::parse("admin").unwrap(), Timestamp::from_unix(1))
        }
    }

    fn claims(properties: Value, scopes: &str, configured: &[&str]) -> Value {
        let configured: Vec<String> = configured.iter().map(|name| (*name).to_owned()).collect();
        Value::Object(about(&user(properties), &Scopes::from_request(scopes), &configured))
    }

    #[test]
    fn each_scope_gives_its_claims_and_no_other() {
        let properties = json!({ "display_name": "System Administrator", "role": "administrator", "locale": "de" });
        assert_eq!(claims(properties.clone(), "openid", &[]), json!({ "sub": "u-1" }));
        assert_eq!(
            claims(properties.clone(), "openid email", &[]),
            json!({ "sub": "u-1", "email": "admin@example.com", "email_verified": true })
        );
        assert_eq!(
            claims(properties, "openid profile", &["role"]),
            json!({ "sub": "u-1", "name": "System Administrator", "locale": "de", "role": "administrator",
                    "preferred_username": "admin", "updated_at": 2 })
        );
    }

    #[test]
    fn the_scope_groups_gives_the_groups_and_nothing_else_does() {
        let mut user = user(json!({ "groups": ["forged"] }));
        user.groups = ["ops", "dev"].map(str::to_owned).into();
        let groups =
            |scopes: &str| about(&user, &Scopes::from_request(scopes), &["groups".to_owned()]).remove("groups");
        assert_eq!(groups("openid groups"), Some(json!(["dev", "ops"])));
        assert_eq!(groups("openid profile email"), None);
    }

    #[test]
    fn no_property_takes_a_protocol_claims_place() {
        let properties = json!({ "sub": "root", "iss": "evil", "email_verified": "yes", "preferred_username": "root", "updated_at": "x" });
        let configured = ["sub", "iss", "email_verified", "preferred_username", "updated_at"];
        assert_eq!(
            claims(properties, "openid profile email", &configured),
            json!({ "sub": "u-1", "preferred_username": "admin", "updated_at": 2,
                    "email": "admin@example.com", "email_verified": true })
        );
    }
}
