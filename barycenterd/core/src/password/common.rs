//! Passwords that are tried first (NIST SP 800-63B-4 section 3.1.1.2): what leaks hold most often, their repetitions,
//! runs along the keyboard or the alphabet, and the names of whoever and whatever they are for.
//!
//! What is compared is the stem: letters and digits without their case, one round of what repeats itself, and without
//! the numbers that people put before and behind a word. So the list is short, and `Password2024!!` is on it.

use std::collections::HashSet;

use crate::secret::Secret;

/// The stems of common passwords, each on a line.
const COMMON: &str = include_str!("common.txt");

/// What keys lie beside each other, and what follows in the alphabet.
const RUNS: [&str; 9] = [
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1234567890",
    "0123456789",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];

/// The shortest stem that makes a password its own.
const SHORTEST: usize = 4;

/// Returns whether a password is one of those that are tried first. `about` are the names of its owner and of the
/// service.
#[must_use]
pub fn is_common(password: &Secret, about: &[&str]) -> bool {
    let letters = folded(password.expose());
    // Many signs that are neither letters nor digits are no word that anybody would try.
    if letters.len() * 2 < password.expose().chars().count() {
        return false;
    }
    let round = round(&letters);
    let stem = stem(round);
    let known: HashSet<&str> = COMMON.lines().collect();
    let about = about.iter().map(|name| folded(name));
    stem.len() < SHORTEST
        || [round, stem].iter().any(|text| known.contains(text.iter().collect::<String>().as_str()) || is_run(text))
        || about.into_iter().any(|name| name.len() >= SHORTEST && (name == round || name == stem))
}

/// Returns the letters and digits of a text without their case.
fn folded(text: &str) -> Vec<char> {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns what a text begins anew again and again; all of it where it does not.
fn round(text: &[char]) -> &[char] {
    let repeats = |length: &usize| text.iter().skip(*length).zip(text).all(|(later, earlier)| later == earlier);
    let length = (1..=text.len() / 2).find(repeats).unwrap_or(text.len());
    text.get(..length).unwrap_or(text)
}

/// Returns a text without the digits around it; digits alone as they are.
fn stem(text: &[char]) -> &[char] {
    let is_letter = |character: &char| !character.is_numeric();
    match (text.iter().position(is_letter), text.iter().rposition(is_letter)) {
        (Some(first), Some(last)) => text.get(first..=last).unwrap_or(text),
        _ => text,
    }
}

/// Returns whether a text runs along the keyboard or the alphabet, in either direction, and around its end.
fn is_run(text: &[char]) -> bool {
    RUNS.iter().any(|run| {
        let forward: Vec<char> = run.chars().collect();
        let backward: Vec<char> = run.chars().rev().collect();
        [forward, backward].iter().any(|run| {
            let starts = 0..run.len();
            text.len() >= SHORTEST
                && starts.into_iter().any(|start| text.iter().eq(run.iter().cycle().skip(start).take(text.len())))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(password: &str) -> bool {
        is_common(&Secret::new(password), &["carol", "carol.miller@example.com", "auth.example.com"])
    }

    #[test]
    fn common_passwords_are_recognised_whatever_stands_around_them() {
        for password in [
            "password",
            "Passwordpassword",
            "Password2024!!!!",
            "1234567890123456",
            "qwertyuiopasdfgh",
            "9876543210987654",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "iloveyouiloveyou",
            "1q2w3e4r5t6y7u8i",
            "correct horse battery staple",
            "00000letmein00000",
            "Carol2024-carol2024",
            "carol.miller@example.com",
            "auth.example.com1",
        ] {
            assert!(is_refused(password), "{password}");
        }
    }

    #[test]
    fn other_passwords_are_not() {
        for password in [
            "a long password of my own",
            "tangerine kettle under the stairs",
            "Xk9#vP2$wQ7!mZ4z",
            "пароль который я не забуду",
            "🦀🦀🌊🌊🐙🐙🏝🏝",
        ] {
            assert!(!is_refused(password), "{password}");
        }
    }
}
