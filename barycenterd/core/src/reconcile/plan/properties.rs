//! What holds for every plan, whatever the file wants and whatever is there.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;

use crate::model::user::RESERVED_CLAIMS;
use crate::model::{EmailAddress, Manager, Ownership, Properties, User, Username};
use crate::password::{self, PasswordHash};
use crate::reconcile::change::{Basis, ConflictReason, Kind, Operation};
use crate::reconcile::fuzzing::{NOW, decide, fingerprint, settled};
use crate::reconcile::plan::prune::{self, Prune};
use crate::reconcile::plan::{Adoption, Intent};
use crate::reconcile::probe::Probes;
use crate::reconcile::source::{DeclaredPassword, Desired, DesiredUser, Field, Parsed, agrees, parse_entries};
use crate::reconcile::target::{Batch, PlannedEntry, PlannedPrune};
use crate::reconcile::wire;
use crate::secret::Secret;

const HASHES: [&str; 2] = [
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$0Wm0fSk0l3w4FLu5gHVwUz3ZHYJSfJOFo1rZ0kZcYj8",
    "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
];

fn field<T: Clone + std::fmt::Debug + 'static>(
    values: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Field<T>> {
    prop_oneof![2 => Just(Field::Absent), 1 => Just(Field::Null), 4 => values.prop_map(Field::Value)]
}

/// A few names, so that they meet, and odd ones.
fn names() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "ü",
        "ｗide",
        "ольга",
        "\u{1f600}",
        "a\"b",
        "a\\n",
        "${A}",
        "\u{2028}x",
        "é",
        "e\u{301}",
    ]);
    prop_oneof![3 => "[abAB]", 2 => odd.prop_map(str::to_owned), 1 => "\\PC{1,12}"]
}

fn username() -> impl Strategy<Value = Username> {
    names().prop_filter_map("no username", |name| Username::parse(&name).ok())
}

fn email() -> impl Strategy<Value = EmailAddress> {
    names().prop_filter_map("no address", |name| EmailAddress::parse(&format!("{name}@example.com")).ok())
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn properties() -> impl Strategy<Value = Properties> {
    let name = names().prop_filter("reserved", |name| !RESERVED_CLAIMS.contains(&name.as_str()));
    prop::collection::btree_map(name, json(), 0..4)
}

fn declared_password() -> impl Strategy<Value = DeclaredPassword> {
    let text = prop_oneof!["[ab]", any::<String>(), Just("${NAME}".to_owned()), Just("a${B} \u{fc}".to_owned())];
    let plain = text.prop_map(Secret::new).prop_filter("no password", |text| password::prepare(text).is_ok());
    prop_oneof![
        3 => plain.prop_map(|text| DeclaredPassword::Plain(text, None)),
        1 => prop::sample::select(HASHES.to_vec()).prop_map(|hash| DeclaredPassword::Hash(PasswordHash::parse(hash).unwrap(), None)),
    ]
}

prop_compose! {
    fn desired()(
        username in username(),
        external_id in field("[12]"),
        email in field(email()),
        flags in [field(any::<bool>()), field(any::<bool>()), field(any::<bool>())],
        password in field(declared_password()),
        groups in field(prop::collection::btree_set(names(), 0..3)),
        properties in field(properties()),
    ) -> DesiredUser {
        let [email_verified, enabled, protected] = flags;
        DesiredUser { username, external_id, email, email_verified, enabled, protected, password, groups, properties }
    }
}

/// Entries of one file: no name of one is another's.
fn several() -> impl Strategy<Value = Vec<DesiredUser>> {
    prop::collection::vec(desired(), 0..4).prop_map(|mut users| {
        let mut names = BTreeSet::new();
        users.retain(|user| {
            let email = user.email.value().map(EmailAddress::folded);
            let own = [Some(user.username.folded().to_owned()), user.external_id.value().cloned(), email];
            let own: Vec<_> = own.into_iter().flatten().collect();
            let fresh = own.iter().all(|name| !names.contains(name));
            if fresh {
                names.extend(own);
            }
            fresh
        });
        users
    })
}

/// What somebody does to an account by hand, or a sync that does not name it.
#[derive(Debug, Clone)]
enum ByHand {
    Nothing,
    Everything(DesiredUser),
    Password(Option<u8>),
    Property(String, Value),
    Pruned,
}

fn by_hand() -> impl Strategy<Value = ByHand> {
    prop_oneof![
        2 => Just(ByHand::Nothing),
        1 => desired().prop_map(ByHand::Everything),
        1 => any::<Option<u8>>().prop_map(ByHand::Password),
        1 => (names(), json()).prop_map(|(name, value)| ByHand::Property(name, value)),
        1 => Just(ByHand::Pruned),
    ]
}

fn moved(mut user: User, by_hand: ByHand) -> User {
    match by_hand {
        ByHand::Nothing => user,
        ByHand::Everything(other) => {
            let planned = decide(&other, Some(&user), &Manager::default(), &everything());
            let moved = settled(planned, &other).unwrap_or_else(|| user.clone());
            User { ownership: user.ownership, ..moved }
        }
        ByHand::Password(password) => {
            user.password = password.map(|number| PasswordHash::from_stored(number.to_string()));
            user
        }
        ByHand::Property(name, value) => {
            user.properties.insert(name, value);
            user
        }
        ByHand::Pruned => prune::user(&user, Prune::Disable, 0, NOW).result.map_or(user, |pruned| *pruned),
    }
}

fn everything() -> Intent {
    let names: BTreeSet<String> = ["a", "b"].map(str::to_owned).into();
    Intent { adoption: Adoption { names, all: true }, reset_secrets: true, ..Intent::default() }
}

fn intent() -> impl Strategy<Value = Intent> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(named, all, reset_secrets)| {
        let names = if named { everything().adoption.names } else { BTreeSet::new() };
        Intent { adoption: Adoption { names, all }, reset_secrets, ..Intent::default() }
    })
}

fn synced(desired: &DesiredUser) -> User {
    settled(decide(desired, None, &Manager::default(), &Intent::default()), desired).unwrap()
}

prop_compose! {
    /// An account as a sync, and then somebody, left it; owned by this file, another one or nobody.
    fn live()(first in desired(), hand in by_hand(), owner in 0..6_u8) -> User {
        let mut user = moved(synced(&first), hand);
        let declared = user.ownership.declared();
        match owner {
            0 => user.ownership = Ownership::Unmanaged,
            1 => user.ownership = Ownership::SelfRegistered,
            2 => user.ownership = Ownership::Managed { manager: Manager::new("hr"), declared },
            _ => {}
        }
        user
    }
}

/// Whether a comparison says, from the digests alone, that nothing differs.
fn compares_same(desired: &DesiredUser, live: &User) -> bool {
    let declared = live.ownership.declared();
    live.ownership.manager() == Some(&Manager::default())
        && declared.is_kept(&live.state_digest(), live.password.is_some())
        && !declared.pruned
        && declared.entry.as_ref() == Some(&desired.digest())
        && desired.password.value().is_none_or(|text| declared.secret_fingerprint == Some(fingerprint(live, text)))
}

proptest! {
    #[test]
    fn after_apply_the_plan_is_empty(desired in desired(), live in prop::option::of(live()), intent in intent()) {
        let manager = Manager::default();
        let planned = decide(&desired, live.as_ref(), &manager, &intent);
        if planned.change.operation != Operation::Conflict {
            let after = settled(planned, &desired).or(live).unwrap();
            let again = decide(&desired, Some(&after), &manager, &Intent::default());
            prop_assert_eq!((again.change.operation, again.change.stale), (Operation::Unchanged, false), "{:?}", again.change);
            prop_assert!(again.result.is_none());
            prop_assert!(compares_same(&desired, &after));
        }
    }

    #[test]
    fn the_same_question_gives_the_same_plan(desired in desired(), live in prop::option::of(live()), intent in intent()) {
        let ask = || decide(&desired, live.as_ref(), &Manager::default(), &intent);
        let (one, other) = (ask(), ask());
        prop_assert_eq!(one.change, other.change);
        prop_assert_eq!(one.result.map(|user| user.state_digest()), other.result.map(|user| user.state_digest()));
    }

    #[test]
    fn what_the_entry_does_not_mention_stays(desired in desired(), live in live(), intent in intent()) {
        let planned = decide(&desired, Some(&live), &Manager::default(), &intent);
        if let Some(after) = settled(planned, &desired) {
            let absent = |flag: &Field<bool>| matches!(flag, Field::Absent);
            let declared = live.ownership.declared();
            prop_assert_eq!((&after.id, after.created_at, after.last_login_at), (&live.id, live.created_at, live.last_login_at));
            prop_assert!(!matches!(desired.external_id, Field::Absent) || after.external_id == live.external_id);
            prop_assert!(!matches!(desired.email, Field::Absent) || after.email == live.email);
            prop_assert!(!absent(&desired.email_verified) || after.email_verified == live.email_verified);
            prop_assert!(!absent(&desired.enabled) || after.enabled == (live.enabled || declared.pruned));
            prop_assert!(!absent(&desired.protected) || after.protected == live.protected);
            prop_assert!(!matches!(desired.password, Field::Absent) || after.password == live.password);
            prop_assert!(!matches!(desired.groups, Field::Absent) || after.groups == live.groups);
            prop_assert!(!matches!(desired.properties, Field::Absent) || after.properties == live.properties);
            let mentioned = |name: &String| declared.property_names.contains(name)
                || desired.properties.value().is_some_and(|properties| properties.contains_key(name));
            for name in live.properties.keys().chain(after.properties.keys()).filter(|name| !mentioned(name)) {
                prop_assert_eq!(after.properties.get(name), live.properties.get(name));
            }
        }
    }

    #[test]
    fn what_another_manager_owns_is_never_written(desired in desired(), live in live(), intent in intent()) {
        let planned = decide(&desired, Some(&live), &Manager::default(), &intent);
        let foreign = live.ownership.manager().is_some_and(|manager| *manager != Manager::default());
        prop_assert_eq!(planned.change.conflict == Some(ConflictReason::OtherManager), foreign);
        prop_assert_eq!(planned.change.operation == Operation::Conflict, planned.change.conflict.is_some());
        prop_assert!(planned.change.conflict.is_none() || planned.result.is_none());
        if let Some(after) = planned.result {
            prop_assert_eq!(after.ownership.manager(), Some(&Manager::default()));
        }
    }

    #[test]
    fn what_compares_same_is_planned_unchanged(first in desired(), hand in by_hand(), back in by_hand(), other in prop::option::of(desired())) {
        let live = moved(moved(synced(&first), hand), back);
        let desired = other.unwrap_or(first);
        if compares_same(&desired, &live) {
            let change = decide(&desired, Some(&live), &Manager::default(), &Intent::default()).change;
            prop_assert_eq!((change.operation, change.stale), (Operation::Unchanged, false), "{:?}", change);
        }
    }

    #[test]
    fn entries_come_back_from_the_wire_as_they_were(users in several()) {
        let desired: Vec<Desired> = users.into_iter().map(Desired::User).collect();
        let lines = wire::entries_to_lines(&desired.iter().collect::<Vec<_>>());
        prop_assert!(lines.expose().lines().all(agrees));
        let read = parse_entries(Kind::User, lines.expose()).unwrap();
        prop_assert_eq!(read.len(), desired.len());
        for (read, desired) in read.iter().zip(&desired) {
            prop_assert_eq!((read.digest(), read.secret()), (desired.digest(), desired.secret()));
            prop_assert_eq!((read.key(), read.name()), (desired.key(), desired.name()));
        }
    }

    #[test]
    fn probes_and_batches_come_back_from_the_wire(users in several(), id in any::<String>()) {
        let desired: Vec<Desired> = users.into_iter().map(Desired::User).collect();
        let parsed: Vec<_> = desired.iter().map(|one| Parsed::Thorough(one.clone())).collect();
        let mut probes = Probes::with_capacity(parsed.len());
        parsed.iter().for_each(|one| probes.push(&one.probe()));
        let read = Probes::from_lines(Secret::new(probes.lines())).unwrap();
        prop_assert_eq!(read.len(), probes.len());
        for (read, parsed) in read.iter().zip(&parsed) {
            let wanted = parsed.probe();
            prop_assert_eq!((read.key, read.external_id, read.secret), (wanted.key, wanted.external_id, wanted.secret));
            prop_assert_eq!((read.email, read.digest), (wanted.email, wanted.digest));
        }

        let entries = desired.into_iter().map(|desired| PlannedEntry { basis: Basis::of(None, &desired.digest()), desired });
        let prune = PlannedPrune { kind: Kind::User, id: id.clone(), key: id, basis: Basis::of(Some("x"), "") };
        let batch = Batch { entries: entries.collect(), prunes: vec![prune] };
        let read = wire::batch_from_lines(wire::batch_to_lines(&batch).unwrap().expose()).unwrap();
        prop_assert_eq!(&read.prunes, &batch.prunes);
        let shown = |entry: &PlannedEntry| (entry.desired.digest(), entry.basis, entry.desired.secret().map(str::to_owned));
        prop_assert_eq!(read.entries.iter().map(shown).collect::<Vec<_>>(), batch.entries.iter().map(shown).collect::<Vec<_>>());
    }
}
