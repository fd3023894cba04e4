//! Every step at the second at which it is due and the one before; and whatever clocks and operators do, no relying
//! party meets a key that it cannot know.

use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);
const POLICY: Policy = Policy { publication: 335, margin: 35, rotate_every: None, lifetime: 600 };

fn key(kid: &str, state: SigningKeyState) -> SigningKey {
    let (active, retiring) = (state >= SigningKeyState::Active, state >= SigningKeyState::Retiring);
    SigningKey {
        kid: KeyId::new(kid),
        algorithm: SigningAlgorithm::Es256,
        state,
        jwk: "{}".to_owned(),
        wrapped: "sealed".to_owned(),
        root: "root".to_owned(),
        lifetime: 600,
        created_at: NOW,
        activates_at: Some(NOW.plus(335)),
        activated_at: active.then_some(NOW),
        retiring_at: retiring.then_some(NOW),
        verifies_until: retiring.then_some(NOW.plus(635)),
        retired_at: None,
    }
}

fn due_after(keys: &[SigningKey], policy: &Policy, seconds: i64) -> Vec<Step> {
    due(keys, policy, NOW.plus(seconds).into())
}

#[test]
fn a_key_signs_once_every_copy_of_the_jwks_without_it_has_expired() {
    let keys = [key("old", SigningKeyState::Active), key("new", SigningKeyState::Pending)];
    assert_eq!(due_after(&keys, &POLICY, 334), []);
    let steps = due_after(&keys, &POLICY, 335);
    assert_eq!(steps, [Step::Activate(KeyId::new("new"))]);
    let changed = take(&steps[0], &keys, &POLICY, NOW.plus(340).into()).unwrap();
    let states: Vec<_> = changed.iter().map(|key| (key.kid.as_str(), key.state)).collect();
    assert_eq!(states, [("old", SigningKeyState::Retiring), ("new", SigningKeyState::Active)]);
    assert_eq!(changed[0].verifies_until, Some(NOW.plus(340 + 600 + 35)), "the longest token, and the margin");
    assert_eq!(changed[1].activated_at, Some(NOW.plus(340)));
}

#[test]
fn a_key_leaves_when_its_last_token_has_expired() {
    let keys = [key("old", SigningKeyState::Retiring)];
    assert_eq!(due_after(&keys, &POLICY, 634), []);
    assert_eq!(due_after(&keys, &POLICY, 635), [Step::Retire(KeyId::new("old"))]);
}

#[test]
fn the_longest_life_that_was_ever_permitted_counts() {
    let active = [key("k", SigningKeyState::Active)];
    assert_eq!(due_after(&active, &POLICY, 0), []);
    let longer = POLICY.with_lifetime(86_400);
    let steps = due_after(&active, &longer, 0);
    assert_eq!(steps, [Step::Prolong(KeyId::new("k"))]);
    let prolonged = take(&steps[0], &active, &longer, NOW.into()).unwrap();
    // The client with the long life is gone, its tokens are not.
    assert_eq!(POLICY.verification(&prolonged[0]), 86_400 + 35);
    assert_eq!(POLICY.with_lifetime(60), POLICY);
}

#[test]
fn a_scheduled_rotation_publishes_early_enough() {
    let policy = Policy { rotate_every: Some(1000), ..POLICY };
    let active = key("k", SigningKeyState::Active);
    let publish = |activates_at| [Step::Publish { algorithm: SigningAlgorithm::Es256, activates_at }];
    assert_eq!(due_after(std::slice::from_ref(&active), &policy, 664), []);
    assert_eq!(due_after(std::slice::from_ref(&active), &policy, 665), publish(NOW.plus(1000)));
    assert_eq!(
        due_after(std::slice::from_ref(&active), &policy, 5000),
        publish(NOW.plus(5335)),
        "late, it waits as long"
    );
    let pending = SigningKey { activates_at: Some(NOW.plus(9000)), ..key("next", SigningKeyState::Pending) };
    assert_eq!(due_after(&[active, pending], &policy, 5000), []);
}

#[test]
fn what_is_due_is_judged_by_the_slowest_clock_and_dated_by_the_fastest() {
    let keys = [key("old", SigningKeyState::Active), key("new", SigningKeyState::Pending)];
    let clocks = Clocks::from(NOW.plus(335)).and(NOW.plus(100));
    assert_eq!(due(&keys, &POLICY, clocks), [], "one clock runs ahead");
    let clocks = Clocks::from(NOW.plus(335)).and(NOW.plus(1000));
    let changed = take(&Step::Activate(KeyId::new("new")), &keys, &POLICY, clocks).unwrap();
    assert_eq!(changed[0].verifies_until, Some(NOW.plus(1000 + 635)));
}

#[test]
fn clocks_that_run_tell_what_has_passed_since() {
    let clocks = Clocks::from(NOW).running_since(Instant::now() - std::time::Duration::from_millis(2500)).up_to_date();
    assert_eq!((clocks.slowest(), clocks.fastest()), (NOW.plus(2), NOW.plus(3)));
    assert_eq!(Clocks::from(NOW).up_to_date(), Clocks::from(NOW), "a clock of a test stands still");
}

#[test]
fn a_key_from_the_future_is_dated_anew_and_waits_again() {
    let pending = SigningKey {
        created_at: NOW.plus(90_000),
        activates_at: Some(NOW.plus(90_400)),
        ..key("k", SigningKeyState::Pending)
    };
    let steps = due_after(std::slice::from_ref(&pending), &POLICY, 0);
    assert_eq!(steps, [Step::Date(KeyId::new("k"))]);
    let dated = take(&steps[0], std::slice::from_ref(&pending), &POLICY, NOW.into()).unwrap();
    assert_eq!((dated[0].created_at, dated[0].activates_at), (NOW, Some(NOW.plus(400))));
    assert_eq!(due_after(&dated, &POLICY, 0), []);
    assert_eq!(due_after(&[pending], &POLICY, 90_000 - 35), [], "as far ahead as clocks may be apart");
}

#[test]
fn a_retiring_key_without_an_end_gets_one() {
    let keys = [SigningKey { verifies_until: None, retiring_at: None, ..key("k", SigningKeyState::Retiring) }];
    let steps = due_after(&keys, &POLICY, 7);
    let dated = take(&steps[0], &keys, &POLICY, NOW.plus(7).into()).unwrap();
    assert_eq!((dated[0].retiring_at, dated[0].verifies_until), (Some(NOW.plus(7)), Some(NOW.plus(7 + 635))));
}

#[test]
fn the_outlook_follows_what_is_planned() {
    let (active, pending) = (key("old", SigningKeyState::Active), key("new", SigningKeyState::Pending));
    let shown = |key: &SigningKey, keys: &[SigningKey], policy: &Policy| {
        let Outlook { signs_until, verifies_until } = outlook(key, keys, policy);
        (signs_until.map(|time| time.since(NOW)), verifies_until.map(|time| time.since(NOW)))
    };
    assert_eq!(shown(&active, std::slice::from_ref(&active), &POLICY), (None, None));
    let scheduled = Policy { rotate_every: Some(1000), ..POLICY };
    assert_eq!(shown(&active, std::slice::from_ref(&active), &scheduled), (Some(1000), Some(1635)));
    assert_eq!(shown(&active, &[active.clone(), pending.clone()], &POLICY), (Some(335), Some(335 + 635)));
    assert_eq!(shown(&pending, &[active, pending.clone()], &POLICY), (None, None));
    let retiring = key("k", SigningKeyState::Retiring);
    assert_eq!(shown(&retiring, &[], &POLICY), (Some(0), Some(635)));
}

/// What happens to a deployment.
#[derive(Debug, Clone)]
enum Event {
    /// Time passes.
    Wait(i64),
    /// The clock is put forward or back; another clock stays as it was.
    Jump(i64),
    /// The clock is right again.
    Mend,
    /// An operator rotates.
    Rotate,
    /// A replica looks whether anything is due.
    Advance,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (0..900_i64).prop_map(Event::Wait),
        1 => (-100_000..100_000_i64).prop_map(Event::Jump),
        1 => Just(Event::Mend),
        2 => Just(Event::Rotate),
        8 => Just(Event::Advance),
    ];
    proptest::collection::vec(event, 1..120)
}

/// A deployment whose true time is known.
struct World {
    keys: Vec<SigningKey>,
    time: i64,
    jump: i64,
    /// When each key was published and ceased to sign, in true time.
    published: Vec<i64>,
    stepped_down: Vec<Option<i64>>,
}

impl World {
    fn new() -> Self {
        let first = key("0", SigningKeyState::Active);
        Self { keys: vec![first], time: 0, jump: 0, published: vec![-1_000_000], stepped_down: vec![None] }
    }

    /// The clock that jumps, beside one that does not.
    fn clocks(&self) -> Clocks {
        Clocks::from(NOW.plus(self.time + self.jump)).and(NOW.plus(self.time))
    }

    fn publish(&mut self, activates_at: Timestamp) {
        let kid = self.keys.len().to_string();
        let created_at = self.clocks().fastest();
        let fresh = SigningKey { created_at, activates_at: Some(activates_at), ..key(&kid, SigningKeyState::Pending) };
        self.keys.push(fresh);
        self.published.push(self.time);
        self.stepped_down.push(None);
    }

    fn advance(&mut self, policy: &Policy) -> Result<(), TestCaseError> {
        for step in due(&self.keys, policy, self.clocks()) {
            if let Step::Publish { activates_at, .. } = step {
                self.publish(activates_at);
            }
            for changed in take(&step, &self.keys, policy, self.clocks()).unwrap() {
                let index: usize = changed.kid.as_str().parse().unwrap();
                let before = self.keys[index].state;
                prop_assert!(changed.state >= before);
                if before == SigningKeyState::Pending && changed.state == SigningKeyState::Active {
                    prop_assert!(self.time - self.published[index] >= policy.publication, "signs too early");
                }
                if changed.state == SigningKeyState::Retiring && before == SigningKeyState::Active {
                    self.stepped_down[index] = Some(self.time);
                }
                if changed.state == SigningKeyState::Retired {
                    let since = self.stepped_down[index].unwrap();
                    prop_assert!(self.time - since >= policy.lifetime + policy.margin, "gone too early");
                }
                self.keys[index] = changed;
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn no_clock_and_no_operator_makes_a_key_early(events in events(), scheduled in any::<bool>()) {
        let policy = Policy { rotate_every: scheduled.then_some(2000), ..POLICY };
        let mut world = World::new();
        for event in events {
            match event {
                Event::Wait(seconds) => world.time += seconds,
                Event::Jump(seconds) => world.jump = seconds,
                Event::Mend => world.jump = 0,
                Event::Rotate => {
                    let pending = find(&world.keys, SigningAlgorithm::Es256, SigningKeyState::Pending);
                    if pending.is_none() {
                        let activates_at = world.clocks().fastest().plus(policy.publication);
                        world.publish(activates_at);
                    }
                }
                Event::Advance => world.advance(&policy)?,
            }
            let count = |state| world.keys.iter().filter(|key| key.state == state).count();
            prop_assert_eq!(count(SigningKeyState::Active), 1);
            prop_assert!(count(SigningKeyState::Pending) <= 1);
        }
    }
}
