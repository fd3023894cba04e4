//! Claims about the End-User (OpenID Connect Core section 5): which scope gives which, which may be asked for one by one,
//! and where they come from.
//!
//! Profile claims, the address and the phone number are filled from the user's properties; no property ever takes a
//! protocol claim's place, and `sub` is put in last, by the one function that makes it.

use std::collections::BTreeMap;

use barycenter_core::model::user::RESERVED_CLAIMS;
use barycenter_core::model::{ClaimRequest, EmailAddress, Scope, Scopes, User};
use serde_json::{Map, Value, json};

/// The standard profile claims that a property of the same name fills; all are texts.
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

/// The members of an address (section 5.1.1); all are texts.
const ADDRESS: &[&str] = &["formatted", "street_address", "locality", "region", "postal_code", "country"];

/// What we may say about a user to one client.
pub(super) struct Disclosure<'a> {
    /// The user.
    pub(super) user: &'a User,
    /// Who they are to the client.
    pub(super) subject: &'a str,
    /// Further properties that go with `profile`.
    pub(super) property_claims: &'a [String],
}

/// Returns every claim that UserInfo may hold, for discovery.
pub(super) fn supported(property_claims: &[String]) -> Vec<&str> {
    let always = ["sub", "preferred_username", "updated_at", "email", "email_verified"];
    let more = ["address", "phone_number", "phone_number_verified", "groups", "acr", "auth_time"];
    let configured = property_claims.iter().map(String::as_str);
    always.into_iter().chain(PROFILE_CLAIMS.iter().copied()).chain(more).chain(configured).collect()
}

/// Returns the scope that gives a claim, for claims that are asked for one by one; none: there is no such claim about a
/// user.
pub(super) fn scope_of(name: &str, property_claims: &[String]) -> Option<Scope> {
    match name {
        "preferred_username" | "updated_at" => Some(Scope::Profile),
        "email" | "email_verified" => Some(Scope::Email),
        "address" => Some(Scope::Address),
        "phone_number" | "phone_number_verified" => Some(Scope::Phone),
        "groups" => Some(Scope::Groups),
        _ if PROFILE_CLAIMS.contains(&name) => Some(Scope::Profile),
        _ if RESERVED_CLAIMS.contains(&name) => None,
        _ => property_claims.iter().any(|claim| claim == name).then_some(Scope::Profile),
    }
}

/// The claims that a scope gives.
fn of_scope(scope: Scope, property_claims: &[String]) -> Vec<&str> {
    match scope {
        Scope::Profile => {
            let own = ["preferred_username", "updated_at"].into_iter();
            let configured = property_claims.iter().map(String::as_str);
            let all = own.chain(PROFILE_CLAIMS.iter().copied()).chain(configured);
            all.filter(|name| scope_of(name, property_claims) == Some(Scope::Profile)).collect()
        }
        Scope::Email => vec!["email", "email_verified"],
        Scope::Address => vec!["address"],
        Scope::Phone => vec!["phone_number", "phone_number_verified"],
        Scope::Groups => vec!["groups"],
        Scope::OpenId | Scope::OfflineAccess => Vec::new(),
    }
}

impl Disclosure<'_> {
    /// Returns the claims that these scopes give, and those that are asked for one by one as far as `permitted` would
    /// give them; `sub` among them.
    pub(super) fn claims(
        &self,
        scopes: &Scopes,
        single: &BTreeMap<String, ClaimRequest>,
        permitted: &Scopes,
    ) -> Map<String, Value> {
        let of_scopes = scopes.iter().flat_map(|scope| of_scope(scope, self.property_claims));
        let may = |name: &&str| scope_of(name, self.property_claims).is_some_and(|scope| permitted.contains(scope));
        let named = single.keys().map(String::as_str).filter(may);
        let mut claims: Map<String, Value> =
            of_scopes.chain(named).filter_map(|name| Some((name.to_owned(), self.claim(name)?))).collect();
        claims.insert("sub".to_owned(), json!(self.subject));
        claims
    }

    /// Returns one claim; none if there is nothing to say.
    fn claim(&self, name: &str) -> Option<Value> {
        let user = self.user;
        let text = |name: &str| user.properties.get(name).filter(|value| is_text(value)).cloned();
        match name {
            "preferred_username" => Some(json!(user.username.as_str())),
            "updated_at" => Some(json!(user.updated_at)),
            "email" => user.email.as_ref().map(|email| json!(EmailAddress::as_str(email))),
            "email_verified" => user.email.as_ref().map(|_| json!(user.email_verified)),
            "groups" => Some(json!(user.groups)),
            "name" => text("name").or_else(|| text("display_name")),
            "address" => address(user.properties.get("address")?),
            "phone_number" => text("phone_number"),
            "phone_number_verified" => {
                text("phone_number")?;
                let verified = user.properties.get("phone_number_verified").and_then(Value::as_bool);
                Some(json!(verified.unwrap_or_default()))
            }
            _ if PROFILE_CLAIMS.contains(&name) => text(name),
            _ => user.properties.get(name).cloned(),
        }
    }
}

/// An empty text says nothing (section 5.3.2).
fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

/// An object of texts; a text alone is the whole address as it is written on an envelope.
fn address(property: &Value) -> Option<Value> {
    match property {
        Value::String(_) if is_text(property) => Some(json!({ "formatted": property })),
        Value::Object(members) => {
            let known = members.iter().filter(|(name, value)| ADDRESS.contains(&name.as_str()) && is_text(value));
            let address: Map<String, Value> = known.map(|(name, value)| (name.clone(), value.clone())).collect();
            (!address.is_empty()).then_some(Value::Object(address))
        }
        _ => None,
    }
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
        with_single(&user(properties), scopes, &[], configured)
    }

    fn with_single(user: &User, scopes: &str, single: &[&str], configured: &[&str]) -> Value {
        let configured: Vec<String> = configured.iter().map(|name| (*name).to_owned()).collect();
        let single = single.iter().map(|name| ((*name).to_owned(), ClaimRequest::default())).collect();
        let disclosure = Disclosure { user, subject: "s-1", property_claims: &configured };
        let permitted = Scopes::all().without(Scope::Phone);
        Value::Object(disclosure.claims(&Scopes::from_request(scopes), &single, &permitted))
    }

    #[test]
    fn each_scope_gives_its_claims_and_no_other() {
        let properties = json!({ "display_name": "System Administrator", "role": "administrator", "locale": "de" });
        assert_eq!(claims(properties.clone(), "openid", &[]), json!({ "sub": "s-1" }));
        assert_eq!(
            claims(properties.clone(), "openid email", &[]),
            json!({ "sub": "s-1", "email": "admin@example.com", "email_verified": true })
        );
        assert_eq!(
            claims(properties, "openid profile", &["role"]),
            json!({ "sub": "s-1", "name": "System Administrator", "locale": "de", "role": "administrator",
                    "preferred_username": "admin", "updated_at": 2 })
        );
    }

    #[test]
    fn address_and_phone_are_filled_from_properties() {
        let full = json!({ "address": { "locality": "Bonn", "country": "DE", "floor": 3, "region": "" },
                           "phone_number": "+49 228 1234", "phone_number_verified": true });
        assert_eq!(
            claims(full, "openid address phone", &[]),
            json!({ "sub": "s-1", "address": { "locality": "Bonn", "country": "DE" },
                    "phone_number": "+49 228 1234", "phone_number_verified": true })
        );
        assert_eq!(
            claims(json!({ "address": "Bonn", "phone_number": "1" }), "openid address phone", &[]),
            json!({ "sub": "s-1", "address": { "formatted": "Bonn" }, "phone_number": "1",
                    "phone_number_verified": false })
        );
        let nothing = json!({ "address": [], "phone_number": 5, "phone_number_verified": true });
        assert_eq!(claims(nothing, "openid address phone", &[]), json!({ "sub": "s-1" }));
    }

    #[test]
    fn single_claims_are_given_as_far_as_the_client_may_have_them() {
        let user = user(json!({ "name": "Ada", "phone_number": "1", "shoe_size": 38, "role": "r" }));
        assert_eq!(
            with_single(&user, "openid", &["name", "email", "phone_number", "shoe_size", "role", "sub"], &["role"]),
            json!({ "sub": "s-1", "name": "Ada", "email": "admin@example.com", "role": "r" })
        );
    }

    #[test]
    fn the_scope_groups_gives_the_groups_and_nothing_else_does() {
        let mut user = user(json!({ "groups": ["forged"] }));
        user.groups = ["ops", "dev"].map(str::to_owned).into();
        let groups = |scopes: &str| with_single(&user, scopes, &[], &["groups"])["groups"].clone();
        assert_eq!(groups("openid groups"), json!(["dev", "ops"]));
        assert_eq!(groups("openid profile email"), Value::Null);
    }

    #[test]
    fn no_property_takes_a_protocol_claims_place() {
        let properties = json!({ "sub": "root", "iss": "evil", "email_verified": "yes", "preferred_username": "root",
                                 "updated_at": "x", "acr": "9", "cnf": {}, "name": 5, "picture": "" });
        let configured = ["sub", "iss", "email_verified", "preferred_username", "updated_at", "acr", "cnf"];
        assert_eq!(
            claims(properties.clone(), "openid profile email", &configured),
            json!({ "sub": "s-1", "preferred_username": "admin", "updated_at": 2,
                    "email": "admin@example.com", "email_verified": true })
        );
        let all = with_single(&user(properties), "openid", RESERVED_CLAIMS, &configured);
        assert_eq!(
            all,
            json!({ "sub": "s-1", "email": "admin@example.com", "email_verified": true, "groups": [], "updated_at": 2 })
        );
    }
}
