//! What is accepted, what is refused and in which words; never with a part of the hash.

use proptest::prelude::*;

use super::*;

const SALT: &str = "8PHy8/T19vf4+fr7/P3+/w";
const DIGEST: &str = "JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMU";

/// The password of each is `correct horse` where nothing else is said; made by passlib, argon2-cffi, libxcrypt and
/// Python's hashlib.
const OTHERS: [(&str, &str); 21] = [
    ("$argon2i$v=16$m=64,t=2,p=2$8PHy8/T19vf4+fr7/P3+/w$rPy0F8/DgAC1Ajcu3jLLeMRlrkgVJvVlz5lo2CDevTs", ""),
    ("$argon2i$v=19$m=64,t=2,p=2$8PHy8/T19vf4+fr7/P3+/w$3YyhaHc5YvnofyZ1DfbBkAwp4Zb4FPQNLAchsPvnzTA", ""),
    ("$argon2id$v=16$m=64,t=2,p=2$8PHy8/T19vf4+fr7/P3+/w$PGDomRHkcdOAHVB56z95t6aFm488J/Gx2PFFgsCMBGM", ""),
    ("$argon2id$v=19$m=64,t=2,p=2$8PHy8/T19vf4+fr7/P3+/w$orLB+rVW96fPERZiodkcodwX4XwGRIuvmC7dAlT6pA4", ""),
    ("$argon2id$v=19$m=64,t=1,p=1$8PHy8/T19vf4+fr7/P3+/w$T+PwKlG4XXkPvHgyYLongQ", ""),
    ("$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", ""),
    ("$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", ""),
    ("$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", ""),
    ("$scrypt$ln=4,r=8,p=1$8PHy8/T19vf4+fr7/P3+/w$JvJWJIKH0DvalOuZloYFzm7z/NOUGrOUSepHfp4u5bk", ""),
    ("$scrypt$ln=4,r=4,p=2$8PHy8/T19vf4+fr7/P3+/w$zIGCKwpizD4+UUV5cNicegCFWXDjl20Bo61R9il3u4w", ""),
    ("$7$26..../....2Q9obwLhin8qvQl6sisAO/$22HGRisVcu6BpyMTqs5isuW4CbKxUE6yG8MUKC/h3CA", ""),
    ("$7$4/..../....somesaltofmine$fwhVZTr16Y/lUlHP91e5Zncq0oS67R6uBiniVM.V8s.", ""),
    ("$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D", "pleaseletmein"),
    ("$pbkdf2$1000$8PHy8/T19vf4.fr7/P3./w$.5QX0J046SbyM4zUrpWK1an1PdA", ""),
    ("$pbkdf2-sha1$1000$8PHy8/T19vf4.fr7/P3./w$aTEpaiw6OuhVUMFDUohJsFR50UA", "pässwörd"),
    ("$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMU", ""),
    ("$pbkdf2-sha256$i=1000,l=16$8PHy8/T19vf4+fr7/P3+/w$JwgcbJZlHBoE0uPBMy9SZg", ""),
    (
        "$pbkdf2-sha256$i=1000,l=64$8PHy8/T19vf4+fr7/P3+/w==$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMXOFTA/FRAmL2liI7G2o4+2Hu4XY9YNU9v6DTkptSo3RQ==",
        "",
    ),
    (
        "$pbkdf2-sha512$1000$8PHy8/T19vf4.fr7/P3./w$xqu1f3FSdHbs02z9AocIk0UpBf6S9uqlRTfcS56zkPqTxPMhm.kj4D.e8E9DRlH/uXf/Pe1g59vHIM0MwcvtiA",
        "",
    ),
    // The examples of passlib's documentation.
    ("$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk", "toomanysecrets"),
    ("$pbkdf2-sha256$8000$XAuBMIYQQogxRg$tRRlz8hYn63B9LYiCd6PRo6FMiunY9ozmMMI3srxeRE", "password"),
];

#[test]
fn hashes_of_other_programs_are_read_and_verified() {
    for (hash, password) in OTHERS {
        let password = if password.is_empty() { "correct horse" } else { password };
        assert_eq!(PasswordHash::parse(hash).unwrap().as_str(), hash);
        let scheme = Scheme::read(hash, Origin::Stored).unwrap();
        assert!(scheme.verify(password).unwrap(), "{hash}");
        assert!(!scheme.verify(&format!("{password}!")).unwrap(), "{hash}");
    }
}

fn refused(text: &str) -> String {
    PasswordHash::parse(text).map(|_| text.to_owned()).unwrap_err().to_string()
}

#[test]
fn each_limit_is_named_and_kept() {
    let short = "MDEyMzQ1Njc4OTAxMjM0";
    let long = "A".repeat(87);
    let zeros = ".".repeat(43);
    for (text, message) in [
        (format!("$argon2id$v=19$m=262145,t=2,p=1${SALT}${DIGEST}"), "at most 256 MiB of memory"),
        (format!("$argon2id$v=19$m=99999999999999999999999,t=2,p=1${SALT}${DIGEST}"), "at most 256 MiB of memory"),
        (format!("$argon2i$v=19$m=1024,t=17,p=1${SALT}${DIGEST}"), "at most 16 passes"),
        (format!("$argon2id$v=19$m=1024,t=2,p=17${SALT}${DIGEST}"), "at most 16 lanes"),
        (format!("$scrypt$ln=18,r=8,p=2${SALT}${DIGEST}"), "at most 256 MiB of memory"),
        (format!("$scrypt$ln=63,r=1,p=1${SALT}${DIGEST}"), "at most 256 MiB of memory"),
        (format!("$scrypt$ln=64,r=4294967295,p=16${SALT}${DIGEST}"), "at most 256 MiB of memory"),
        (format!("$scrypt$ln=4,r=4294967296,p=16${SALT}${DIGEST}"), "at most 256 MiB of memory"),
        (format!("$scrypt$ln=4,r=1,p=17${SALT}${DIGEST}"), "at most 16 lanes"),
        (format!("$7$zzzzzz/....saltsaltsalt${zeros}"), "at most 256 MiB of memory"),
        (format!("$7$4/....zzzzzsaltsaltsalt${zeros}"), "at most 16 lanes"),
        (format!("$2b$17${}", "a".repeat(53)), "a bcrypt cost is accepted from 4 to 16"),
        (format!("$2b$03${}", "a".repeat(53)), "a bcrypt cost is accepted from 4 to 16"),
        (format!("$pbkdf2-sha256$i=10000001${SALT}${DIGEST}"), "at most 10000000 iterations"),
        (format!("$pbkdf2-sha512$10000001${SALT}${DIGEST}"), "at most 10000000 iterations"),
        (format!("$pbkdf2-sha256$1000${SALT}${short}"), "a digest whose length is not accepted; 16 to 64 bytes"),
        (format!("$pbkdf2-sha256$1000${SALT}${long}"), "a digest whose length is not accepted; 16 to 64 bytes"),
        (format!("$argon2id$v=19$m=64,t=1,p=1${SALT}${short}"), "a digest whose length is not accepted"),
        (format!("$scrypt$ln=4,r=8,p=1${SALT}${short}"), "a digest whose length is not accepted"),
        (format!("$pbkdf2-sha256$1000$c2FsdA${DIGEST}"), "a salt whose length is not accepted; 8 to 1024 bytes"),
        (format!("$pbkdf2-sha256$1000$${DIGEST}"), "a salt whose length is not accepted"),
        (format!("$argon2id$v=19$m=64,t=1,p=1$c2FsdA${DIGEST}"), "a salt whose length is not accepted"),
        (format!("$7$4/..../....${zeros}"), "a salt whose length is not accepted"),
    ] {
        let error = refused(&text);
        assert!(error.contains(message), "{text}: {error}");
    }
    for text in [
        format!("$argon2id$v=19$m=262144,t=16,p=16${SALT}${DIGEST}"),
        format!("$scrypt$ln=18,r=8,p=1${SALT}${DIGEST}"),
        format!("$2b$16${}", "a".repeat(53)),
        format!("$pbkdf2-sha256$i=10000000${SALT}${DIGEST}"),
    ] {
        assert!(PasswordHash::parse(&text).is_ok(), "{text}");
    }
}

#[test]
fn other_formats_are_refused_with_the_list_of_those_that_are_accepted() {
    for text in [
        "",
        "$",
        "$$",
        "correct horse",
        "$argon2id",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
        "$apr1$saltsalt$Gvo0s2hYuV.S5L3jHBGPt1",
        "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1",
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
        "pbkdf2_sha256$1000$saltsalt$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMU=",
        "$ARGON2ID$v=19$m=64,t=1,p=1$8PHy8/T19vf4+fr7/P3+/w$T+PwKlG4XXkPvHgyYLongQ",
        " $2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        "$argon2d$v=19$m=64,t=2,p=2$8PHy8/T19vf4+fr7/P3+/w$TC5geHPlTGrfxIv5g+gIRd+VbQOS2KEF4OlInFoDlqE",
        "$2x$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
    ] {
        let error = refused(text);
        assert!(error.contains("$argon2id$") && error.contains("$pbkdf2-sha512$"), "{text}: {error}");
    }
    assert!(refused("$argon2d$x").contains("argon2d is not accepted"));
}

#[test]
fn a_known_scheme_must_be_whole() {
    for text in [
        format!("$argon2id$v=18$m=64,t=1,p=1${SALT}${DIGEST}"),
        format!("$argon2id$v=19$m=64,t=1${SALT}${DIGEST}"),
        format!("$argon2id$v=19$m=64,t=1,p=1,m=64${SALT}${DIGEST}"),
        format!("$argon2id$v=19$m=64,t=1,p=1,data=eA${SALT}${DIGEST}"),
        format!("$argon2id$v=19$m=64,t=1,p=0${SALT}${DIGEST}"),
        format!("$argon2id$v=19$m=64,t=0,p=1${SALT}${DIGEST}"),
        format!("$argon2id$v=19$m=7,t=1,p=1${SALT}${DIGEST}"),
        format!("$argon2id$v=19$m=+64,t=1,p=1${SALT}${DIGEST}"),
        format!("$argon2id$v=19$m=64,t=1,p=1${SALT}${DIGEST}$more"),
        format!("$argon2id$v=19$m=64,t=1,p=1${SALT}"),
        format!("$scrypt$ln=0,r=8,p=1${SALT}${DIGEST}"),
        format!("$scrypt$ln=4,r=0,p=1${SALT}${DIGEST}"),
        format!("$scrypt$ln=4,r=8,p=0${SALT}${DIGEST}"),
        format!("$scrypt$ln=4,r=8${SALT}${DIGEST}"),
        format!("$pbkdf2-sha256$i=0${SALT}${DIGEST}"),
        format!("$pbkdf2-sha256$i=1000,l=33${SALT}${DIGEST}"),
        format!("$pbkdf2-sha256$l=32${SALT}${DIGEST}"),
        format!("$pbkdf2-sha256$${SALT}${DIGEST}"),
        format!("$pbkdf2-sha256$1000${SALT}${DIGEST}\n"),
        format!("$pbkdf2-sha256$1000${SALT}${DIGEST}ü"),
        format!("$2b$4${}", "a".repeat(53)),
        format!("$2b$10${}", "a".repeat(52)),
        format!("$2b$10${}ü", "a".repeat(21)),
        "$7$".to_owned(),
        "$7$4/..../....saltsaltsalt$".to_owned() + "zz,z",
        "$7$4/..../....saltsaltsalt$".to_owned() + &"z".repeat(43),
    ] {
        assert!(matches!(PasswordHash::parse(&text), Err(PasswordHashError::Malformed(_))), "{text}");
    }
}

#[test]
fn a_hash_does_not_show_itself() {
    let hash = PasswordHash::parse(OTHERS[0].0).unwrap();
    assert_eq!(format!("{hash:?}"), "PasswordHash(***)");
}

/// Hashes that are nearly right: fields of good ones in any order, cut and mixed.
fn nearly_right() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["argon2id", "argon2i", "2a", "2b", "2y", "scrypt", "7", "pbkdf2-sha256"]);
    let number = prop_oneof![Just(u64::MAX), 0..70_u64, 250_000..300_000_u64];
    let cost = prop_oneof![
        (number.clone(), number.clone(), number.clone()).prop_map(|(m, t, p)| format!("m={m},t={t},p={p}")),
        (number.clone(), number.clone(), number.clone()).prop_map(|(n, r, p)| format!("ln={n},r={r},p={p}")),
        (number.clone(), number.clone()).prop_map(|(i, l)| format!("i={i},l={l}")),
        number.prop_map(|number| number.to_string()),
        "[./0-9A-Za-z]{0,30}",
    ];
    let text = "[./+=A-Za-z0-9ü,]{0,60}";
    (name, prop::option::of("v=(16|19)"), cost, text, prop::option::of(text), 0..120_usize).prop_map(
        |(name, version, cost, salt, digest, length)| {
            let fields = [Some(name.to_owned()), version, Some(cost), Some(salt), digest];
            let text: String = fields.into_iter().flatten().map(|field| format!("${field}")).collect();
            text.chars().take(length).collect()
        },
    )
}

proptest! {
    #[test]
    fn junk_never_panics(text in "\\PC*") {
        let _ = PasswordHash::parse(&text);
    }

    #[test]
    fn no_error_shows_a_part_of_a_hash(text in nearly_right()) {
        if let Err(error) = PasswordHash::parse(&text) {
            let error = format!("{error} {error:?}");
            for part in text.split('$').skip(2).filter(|part| part.len() > 4) {
                prop_assert!(!error.contains(part), "{}: {}", text, error);
            }
        }
    }
}
