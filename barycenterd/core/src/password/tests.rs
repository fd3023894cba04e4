//! Hashing, verifying, waiting: the hasher as the rest of the program sees it.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::*;

fn hasher() -> PasswordHasher {
    hasher_with(None)
}

fn hasher_with(max_concurrent: Option<usize>) -> PasswordHasher {
    PasswordHasher::new(&Passwords { memory_kib: 64, iterations: 1, max_concurrent, ..Passwords::default() }).unwrap()
}

fn foreign(text: &str) -> PasswordHash {
    PasswordHash::parse(text).unwrap()
}

#[tokio::test]
async fn the_right_password_matches_and_others_do_not() {
    let hasher = hasher();
    let hash = hasher.hash(&Secret::new("correct horse")).await.unwrap();
    assert!(hash.as_str().starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
    assert!(hasher.verify(&Secret::new("correct horse"), Some(&hash)).await.unwrap());
    for wrong in ["battery staple", "", "correct horse\0"] {
        assert!(!hasher.verify(&Secret::new(wrong), Some(&hash)).await.unwrap());
    }
}

#[tokio::test]
async fn nobodys_hash_is_checked_with_the_same_parameters_and_never_matches() {
    let hasher = hasher();
    let somebody = hasher.hash(&Secret::new("x")).await.unwrap();
    let shape = |hash: &PasswordHash| {
        let parts: Vec<_> = hash.as_str().split('$').map(str::to_owned).collect();
        (parts[1..4].to_vec(), parts[4].len(), parts[5].len())
    };
    assert_eq!(shape(&hasher.nobody), shape(&somebody));
    assert!(!hasher.verify(&Secret::new("x"), None).await.unwrap());
    assert!(!hasher.verify(&Secret::new(""), None).await.unwrap());
}

#[tokio::test]
async fn hashes_of_other_programs_and_costs_are_verified() {
    // From the test vectors of the reference implementation.
    for hash in [
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
        "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
    ] {
        assert!(hasher().verify(&Secret::new("password"), Some(&foreign(hash))).await.unwrap(), "{hash}");
        assert!(!hasher().verify(&Secret::new("passwore"), Some(&foreign(hash))).await.unwrap(), "{hash}");
    }
    let junk = PasswordHash::from_stored("$2b$junk".to_owned());
    assert!(matches!(hasher().verify(&Secret::new("x"), Some(&junk)).await, Err(HashingError::Unreadable(_))));
}

#[tokio::test]
async fn a_hash_of_another_system_matches_what_was_typed_there() {
    let decomposed = "$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$FJWt89Ng8.9oGAIXu6Iumg36ozFit7lXfk2Eu/HNVOU";
    let composed = "$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$Ma6p3S2UfG9v27gA32Lw.OiYvqNX.b0AHc6hE8ak.zA";
    let with_tab = "$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$eYDUndVDeW9.pA9Qq4q4kkPK8GnSeMtb4KDYHEz5K/Y";
    let argon2 = "$argon2id$v=19$m=64,t=1,p=1$8PHy8/T19vf4+fr7/P3+/w$STDCGGBWUCE/Z0wyobk0wqai4qHoMDIZl7Xc/jM4D2E";
    for (hash, typed, expected) in [
        (decomposed, "cafe\u{301}", true),
        (decomposed, "caf\u{e9}", false),
        (composed, "cafe\u{301}", true),
        (composed, "caf\u{e9}", true),
        (with_tab, "a\tb", true),
        (argon2, "cafe\u{301}", true),
    ] {
        let matches = hasher().verify(&Secret::new(typed), Some(&foreign(hash))).await.unwrap();
        assert_eq!(matches, expected, "{typed:?} {hash}");
    }
}

#[tokio::test]
async fn only_a_hash_with_the_configured_parameters_is_current() {
    let hasher = hasher();
    let current = hasher.hash(&Secret::new("x")).await.unwrap();
    assert!(hasher.is_current(&current));
    assert!(hasher.is_current(&hasher.nobody));
    for (from, to) in [("m=64", "m=65"), ("t=1", "t=2"), ("p=1", "p=2"), ("v=19", "v=16"), ("2id", "2i")] {
        let other = current.as_str().replace(from, to);
        assert!(!hasher.is_current(&PasswordHash::from_stored(other)), "{from}");
    }
    for other in [
        "$argon2id$v=19$m=64,t=1,p=1$8PHy8/T19vf4+fr7/P3+/w$T+PwKlG4XXkPvHgyYLongQ",
        "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        "junk",
    ] {
        assert!(!hasher.is_current(&PasswordHash::from_stored(other.to_owned())), "{other}");
    }
}

#[tokio::test]
async fn hashes_of_the_largest_configuration_stay_valid() {
    let settings = Passwords { memory_kib: 512, iterations: 64, parallelism: 64, ..Passwords::default() };
    let hasher = PasswordHasher::new(&settings).unwrap();
    let hash = hasher.hash(&Secret::new("x")).await.unwrap();
    assert!(hasher.is_current(&hash) && hasher.verify(&Secret::new("x"), Some(&hash)).await.unwrap());
    assert!(PasswordHash::parse(hash.as_str()).is_err(), "others may not bring such costs");
}

#[tokio::test]
async fn more_than_a_thousand_verifications_do_not_wait() {
    let hasher = hasher_with(Some(1));
    let busy = hasher.permit().await.unwrap();
    let password = Secret::new("x");
    let mut waiting: Vec<_> = (0..MOST_WAITING).map(|_| Box::pin(hasher.verify(&password, None))).collect();
    for verification in &mut waiting {
        assert!(verification.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert!(matches!(hasher.verify(&password, None).await, Err(HashingError::Busy)));
    let mut hashing = pin!(hasher.hash(&password));
    assert!(hashing.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending(), "a hash has no such limit");
    drop((busy, waiting));
    hashing.await.unwrap();
    assert!(!hasher.verify(&password, None).await.unwrap(), "there is room again");
}

#[tokio::test]
async fn a_panic_stays_in_its_thread_and_leaves_its_place() {
    let hasher = hasher_with(Some(1));
    let panicked: Result<(), _> = hasher.run(hasher.permit().await.unwrap(), || panic!("by design")).await;
    assert!(matches!(panicked, Err(HashingError::Panicked)));
    let next = pin!(hasher.permit()).poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(next, Poll::Ready(Ok(_))));
}

#[test]
fn passwords_are_compared_in_one_normal_form() {
    let composed = prepare(&Secret::new("caf\u{e9}")).unwrap();
    let decomposed = prepare(&Secret::new("cafe\u{301}")).unwrap();
    assert!(composed.matches(&decomposed));
    assert!(matches!(prepare(&Secret::new("")), Err(PasswordError::Empty)));
    assert!(matches!(prepare(&Secret::new("a".repeat(1025))), Err(PasswordError::TooLong)));
    for disallowed in ["a\0b", "a\tb", "\u{7f}"] {
        assert!(matches!(prepare(&Secret::new(disallowed)), Err(PasswordError::Disallowed)));
    }
}

proptest! {
    #[test]
    fn printable_ascii_is_prepared_as_the_profile_does(text in "[ -~]{1,40}") {
        let prepared = prepare(&Secret::new(text.clone())).unwrap();
        prop_assert_eq!(prepared.expose(), text.as_str());
        prop_assert_eq!(OpaqueString::enforce(text.as_str()).unwrap(), text.as_str());
    }
}

#[test]
fn each_printable_ascii_character_is_prepared_as_the_profile_does() {
    for character in ' '..='~' {
        let text = character.to_string();
        assert_eq!(OpaqueString::enforce(text.as_str()).unwrap(), text, "{text:?}");
    }
}
