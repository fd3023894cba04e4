//! What holds for every entry and every account: a plan after its apply is empty, nothing is touched that the entry
//! does not mention, and what looks the same by digest is the same.

use proptest::prelude::*;

use super::*;
use crate::model::{EmailAddress, Username};

/// Values that meet each other often.
fn text() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "Z\u{eb}", "\u{1f600}", "x y"])
}

fn entry() -> impl Strategy<Value = Value> {
    let flag = || prop::option::of(prop::option::of(any::<bool>()));
    let mail = prop::option::of(prop::option::of(prop::sample::select(vec!["a@x.example", "B@x.example"])));
    let id = prop::option::of(prop::option::of(prop::sample::select(vec!["1", "2"])));
    let groups = prop::option::of(prop::option::of(prop::collection::btree_set(text(), 0..3)));
    let value = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), text().prop_map(Value::from)];
    let properties = prop::option::of(prop::option::of(prop::collection::btree_map(text(), value, 0..3)));
    let password = prop::option::of(prop::option::of(prop::sample::select(vec!["one", "two"])));
    (flag(), flag(), flag(), mail, id, groups, properties, password).prop_map(
        |(verified, enabled, protected, email, id, groups, properties, password)| {
            let mut entry = json!({ "username": "alice" });
            let mut put = |name: &str, value: Option<Value>| {
                if let (Some(value), Some(entry)) = (value, entry.as_object_mut()) {
                    entry.insert(name.to_owned(), value);
                }
            };
            put("email_verified", verified.map(|flag| json!(flag)));
            put("enabled", enabled.map(|flag| json!(flag)));
            put("protected", protected.map(|flag| json!(flag)));
            put("email", email.map(|email| json!(email)));
            put("external_id", id.map(|id| json!(id)));
            put("groups", groups.map(|groups| json!(groups)));
            put("properties", properties.map(|properties| json!(properties)));
            put("password", password.map(|password| json!(password)));
            entry
        },
    )
}

/// An account as life has left it: declared by an earlier entry or by none, and changed by hand since.
fn account() -> impl Strategy<Value = User> {
    (prop::option::of(entry()), any::<bool>(), prop::option::of(text()), any::<bool>()).prop_map(
        |(earlier, disabled, note, mail)| {
            let mut user = match earlier {
                Some(earlier) => apply(&decide(&earlier.to_string(), None, &Intent::default(), None), &earlier),
                None => User::new(Username::parse("alice").unwrap(), NOW),
            };
            user.enabled &= !disabled;
            user.properties.extend(note.map(|note| (note.to_owned(), json!("by hand"))));
            if mail {
                user.email = EmailAddress::parse("hand@x.example").ok();
            }
            user
        },
    )
}

fn fingerprint(entry: &Value) -> Option<String> {
    entry["password"].as_str().map(str::to_owned)
}

/// What the reconciler does with a plan.
fn apply(planned: &Planned<User>, entry: &Value) -> User {
    let mut user = *planned.result.clone().expect("something to store");
    if planned.change.sets_secret()
        && let Some(password) = fingerprint(entry)
    {
        user.password = Some(PasswordHash::from_stored(password.clone()));
        set_fingerprint(&mut user, &password);
    }
    user
}

fn adopting() -> Intent {
    Intent { adoption: Adoption { all: true, ..Adoption::default() }, ..Intent::default() }
}

proptest! {
    #[test]
    fn after_apply_nothing_is_left_to_do(entry in entry(), live in prop::option::of(account())) {
        let (text, print) = (entry.to_string(), fingerprint(&entry));
        let planned = decide(&text, live.as_ref(), &adopting(), print.as_deref());
        let after = if planned.result.is_some() { apply(&planned, &entry) } else { live.clone().unwrap() };
        let again = decide(&text, Some(&after), &adopting(), print.as_deref());
        prop_assert_eq!(again.change.operation, Operation::Unchanged, "{:?}", again.change);
        prop_assert!(again.result.is_none());
        // What the probes compare is the same, too.
        let declared = after.ownership.declared();
        prop_assert_eq!(declared.entry, Some(desired(&text).digest()));
        prop_assert_eq!(declared.state, Some(after.state_digest()));
    }

    #[test]
    fn only_what_the_entry_mentions_is_touched(entry in entry(), live in account()) {
        let planned = decide(&entry.to_string(), Some(&live), &adopting(), fingerprint(&entry).as_deref());
        for field in &planned.change.fields {
            let name = field.path.split('.').next().unwrap();
            prop_assert!(name == "manager" || entry.get(name).is_some(), "{} of {entry}", field.path);
        }
        if let Some(after) = planned.result {
            prop_assert_eq!(&after.id, &live.id);
            if entry.get("email").is_none() {
                prop_assert_eq!(&after.email, &live.email);
            }
            if entry.get("properties").is_none() {
                prop_assert_eq!(&after.properties, &live.properties);
            }
        }
    }

    #[test]
    fn what_another_manager_owns_is_never_touched(entry in entry(), mut live in account()) {
        let declared = live.ownership.declared();
        live.ownership = Ownership::Managed { manager: Manager::new("hr"), declared };
        let intent = Intent { reset_secrets: true, ..adopting() };
        let planned = decide(&entry.to_string(), Some(&live), &intent, fingerprint(&entry).as_deref());
        prop_assert_eq!(planned.change.conflict, Some(ConflictReason::OtherManager));
        prop_assert!(planned.result.is_none());
    }

    #[test]
    fn what_looks_the_same_by_digest_is_the_same(entry in entry(), live in account()) {
        let (text, print) = (entry.to_string(), fingerprint(&entry));
        let declared = live.ownership.declared();
        let same = live.ownership.manager().is_some()
            && declared.entry == Some(desired(&text).digest())
            && declared.state == Some(live.state_digest())
            && (print.is_none() || declared.secret_fingerprint == print);
        let planned = decide(&text, Some(&live), &Intent::default(), print.as_deref());
        prop_assert!(!same || planned.change.operation == Operation::Unchanged);
    }

    #[test]
    fn the_order_of_an_entry_does_not_matter(entry in entry()) {
        let members: Vec<(String, Value)> = entry.as_object().unwrap().clone().into_iter().collect();
        let reversed: Vec<String> = members.iter().rev().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
        let reversed = format!("{{{}}}", reversed.join(","));
        prop_assert_eq!(desired(&entry.to_string()).digest(), desired(&reversed).digest());
    }
}
