//! Until when a certificate is valid: the one field of X.509 (RFC 5280 section 4.1) that is read here. Whether it is
//! trusted was found out by TLS.

use barycenter_core::model::Timestamp;

const SEQUENCE: u8 = 0x30;
/// `[0] EXPLICIT`, the version.
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Returns `notAfter` of a certificate in DER; `None` if it cannot be read.
pub(super) fn not_after(der: &[u8]) -> Option<Timestamp> {
    let (SEQUENCE, certificate, _) = value(der)? else { return None };
    let (SEQUENCE, mut rest, _) = value(certificate)? else { return None };
    if let (VERSION, _, behind) = value(rest)? {
        rest = behind;
    }
    // serialNumber, signature, issuer; then validity.
    for _ in 0..3 {
        (_, _, rest) = value(rest)?;
    }
    let (SEQUENCE, validity, _) = value(rest)? else { return None };
    let (_, _, rest) = value(validity)?;
    let (tag, time, _) = value(rest)?;
    parse(tag, std::str::from_utf8(time).ok()?)
}

/// Takes one value off: its tag, its contents, and what stands behind it.
fn value(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut length = usize::from(*first);
    if *first & 0x80 != 0 {
        let (bytes, behind) = rest.split_at_checked(usize::from(*first & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        rest = behind;
    }
    let (contents, behind) = rest.split_at_checked(length)?;
    Some((*tag, contents, behind))
}

/// `361124161617Z`, or since 2050 `20501124161617Z`.
fn parse(tag: u8, text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = digits.split_at_checked(2)?;
            // Fifty and later lie in the past (RFC 5280 section 4.1.2.5.1).
            (format!("{}{year}", if year < "50" { "20" } else { "19" }), rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = digits.split_at_checked(4)?;
            (year.to_owned(), rest)
        }
        _ => return None,
    };
    let part = |from: usize| rest.get(from..from + 2);
    let (month, day, hour, minute, second) = (part(0)?, part(2)?, part(4)?, part(6)?, part(8)?);
    Timestamp::from_rfc_3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_read() {
        let time = |text: &str| [&[UTC_TIME, 13], text.as_bytes()].concat();
        let validity = [time("261127161617Z"), time("361124161617Z")].concat();
        let body = [
            [VERSION, 3, 2, 1, 2].as_slice(),
            &[2, 1, 7],
            &[SEQUENCE, 2, 5, 0],
            &[SEQUENCE, 0],
            &[SEQUENCE, 30],
            &validity,
        ]
        .concat();
        let body = [&[SEQUENCE, 0x81, u8::try_from(body.len()).unwrap()], body.as_slice()].concat();
        let der = [&[SEQUENCE, 0x82, 0, u8::try_from(body.len()).unwrap()], body.as_slice()].concat();
        assert_eq!(not_after(&der), Some(Timestamp::from_unix(2_111_156_177)));
        // Wherever it is cut off, nothing but silence comes of it.
        assert!((0..der.len() - 1).all(|length| not_after(&der[..length]).is_none()));
        assert_eq!(parse(GENERALIZED_TIME, "20361124161617Z"), Some(Timestamp::from_unix(2_111_156_177)));
        assert_eq!(parse(UTC_TIME, "361124161617+0100"), None);
        assert_eq!(parse(UTC_TIME, "3611é4161617Z"), None);
        assert_eq!(not_after(b"no certificate"), None);
    }
}
