//! What fuzzers call: a users file and a plan from bytes that nobody chose. A crash, a hang, or a broken promise is a
//! fault in the engine. `cargo fuzz` runs it without end (core/fuzz), every test run over a few inputs.

use crate::model::{Manager, Ownership, Timestamp, User};
use crate::password::PasswordHash;
use crate::reconcile::change::{Kind, Operation};
use crate::reconcile::plan::user::{Question, plan};
use crate::reconcile::plan::{Intent, Planned};
use crate::reconcile::source::{
    DeclaredPassword, Desired, DesiredUser, Field, Source, UsersFileError, Values, agrees, parse_entries,
};

/// The time of every plan here.
pub(super) const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);

/// Checks a users file, and reads what it holds once more, from the file and from the wire.
///
/// # Panics
/// When a file that is sound is read differently the second time.
#[expect(clippy::panic, reason = "what it finds")]
pub fn users_file(bytes: &[u8]) {
    let mut source = Source::from_text("users.json", bytes, Values::default());
    let checked = match source.check() {
        Ok(checked) => checked,
        Err(UsersFileError::Faults { faults, total, .. }) => {
            assert!(!faults.is_empty() && faults.len() <= total, "{faults:?} of {total}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    for kind in Kind::ALL {
        let Ok(entries) = source.entries(kind) else { panic!("a text can be read again") };
        let mut count = 0;
        for entry in entries {
            let Ok(entry) = entry else { panic!("{entry:?}") };
            let line = entry.desired.to_entry();
            assert!(!line.expose().contains('\n'), "an entry is one line");
            let read = parse_entries(kind, line.expose()).unwrap_or_else(|faults| panic!("{faults:?}"));
            let [read] = read.as_slice() else { panic!("one entry") };
            assert_eq!((read.digest(), read.secret()), (entry.desired.digest(), entry.desired.secret()));
            count += 1;
        }
        assert_eq!(count, checked.index.count(kind));
    }
}

/// Plans one entry on what another left behind, and once more on the result: two lines, each an entry.
///
/// # Panics
/// When the second plan is not empty, or an entry means one thing to one reader and another to the other.
pub fn planner(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    text.lines().for_each(|line| assert!(agrees(line), "{line:?} is read in two ways"));
    let mut entries = text.lines().filter_map(|line| match parse_entries(Kind::User, line).ok()?.pop()? {
        Desired::User(user) => Some(user),
        Desired::Client(_) => None,
    });
    let (Some(first), Some(second)) = (entries.next(), entries.next()) else { return };
    let manager = Manager::default();
    let intent = Intent::default();
    let mut live = None;
    for desired in [&first, &second] {
        let planned = decide(desired, live.as_ref(), &manager, &intent);
        assert_ne!(planned.change.operation, Operation::Conflict, "nobody is in the way");
        live = settled(planned, desired).or(live);
        let again = decide(desired, live.as_ref(), &manager, &intent);
        assert!(again.result.is_none() && !again.change.stale, "{:?}", again.change);
    }
}

/// The fingerprint of a declared password, without a key.
pub(super) fn fingerprint(user: &User, password: &DeclaredPassword) -> String {
    format!("{} {}", user.id, password.expose())
}

/// Plans an entry on an account that nobody else is in the way of.
pub(super) fn decide(desired: &DesiredUser, live: Option<&User>, manager: &Manager, intent: &Intent) -> Planned<User> {
    let fingerprint = live.zip(desired.password.value()).map(|(user, password)| fingerprint(user, password));
    let question = Question { desired, live, email_holder: None, name_holder: None, manager, intent, fingerprint };
    plan(&question, NOW)
}

/// Returns what is stored in the end: the result, with the password and its fingerprint put in.
pub(super) fn settled(planned: Planned<User>, desired: &DesiredUser) -> Option<User> {
    let mut user = *planned.result?;
    if let Field::Value(password) = &desired.password
        && planned.change.sets_secret()
    {
        let print = fingerprint(&user, password);
        if let Ownership::Managed { declared, .. } = &mut user.ownership {
            declared.secret_fingerprint = Some(print);
        }
        user.password = Some(match password {
            DeclaredPassword::Plain(text, _) => PasswordHash::from_stored(format!("hash of {}", text.expose())),
            DeclaredPassword::Hash(hash, _) => hash.clone(),
        });
    }
    Some(user)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Files that are sound, nearly so, or not at all.
    const FILES: &[&str] = &[
        r#"{"users":[{"username":"admin","email":"admin@example.com","password":"p","groups":["a"],"properties":{"x":[1.5e3,null,{"y":"\u00fc"}]}}]}"#,
        r#"{"manager":"m","clients":[{"client_id":"web","redirect_uris":["https://rp.example/cb"]}],"users":[{"username":"a","external_id":"1"}]}"#,
        "{\"manager\":\"m\"}\n{\"username\":\"a\",\"email\":null}\n{\"username\":\"b\",\"enabled\":false}",
        "{\"users\":[{\"username\":\"a\"},{\"username\":\"A\"}]}",
        "\u{feff}{\"users\":[]}",
        "{\"users\":[{\"username\":\"a\\ud800\"",
        "[[[[",
        "",
    ];
    const PAIRS: &[&str] = &[
        "{\"username\":\"a\",\"password\":\"p\",\"properties\":{\"x\":1,\"y\":null}}\n{\"username\":\"b\",\"password\":null,\"properties\":{\"y\":-0.0}}",
        "{\"username\":\"a\",\"enabled\":false,\"groups\":[\"x\"]}\n{\"username\":\"A\",\"enabled\":null,\"groups\":null,\"properties\":null}",
    ];

    /// Does small harm to a text.
    fn harmed(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
        let harm = (any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
        (prop::sample::select(texts), prop::collection::vec(harm, 0..4)).prop_map(|(text, harms)| {
            let mut bytes = text.as_bytes().to_vec();
            for (place, byte, harm) in harms {
                if bytes.is_empty() {
                    break;
                }
                let place = place.index(bytes.len());
                match harm {
                    0 => bytes[place] = byte,
                    1 => drop(bytes.remove(place)),
                    2 => bytes.insert(place, byte),
                    _ => bytes.truncate(place),
                }
            }
            bytes
        })
    }

    #[test]
    fn the_corpus_breaks_nothing() {
        FILES.iter().for_each(|text| users_file(text.as_bytes()));
        PAIRS.iter().for_each(|text| planner(text.as_bytes()));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_parser(bytes in prop_oneof![any::<Vec<u8>>(), harmed(FILES)]) {
            users_file(&bytes);
        }

        #[test]
        fn no_bytes_break_the_planner(bytes in prop_oneof![any::<Vec<u8>>(), harmed(PAIRS)]) {
            planner(&bytes);
        }
    }
}
