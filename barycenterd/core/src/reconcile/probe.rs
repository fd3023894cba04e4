//! Probes: what it takes to see whether entries would change anything.
//!
//! A thousand of them are one text, from the file to the database: neither side makes five texts of each.

use std::borrow::Cow;
use std::fmt;

use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::separated::split;

/// Stands between the fields of a probe: none of them holds a control.
const FIELD: char = '\t';

/// How long the text of a probe is expected to be.
const USUAL_BYTES: usize = 256;

/// What it takes to see whether an entry would change anything.
#[derive(Clone)]
pub struct Probe<'t> {
    /// The folded username, or the client id.
    pub key: &'t str,
    /// The stable key.
    pub external_id: Option<&'t str>,
    /// The folded e-mail address.
    pub email: Option<Cow<'t, str>>,
    /// The entry's digest.
    pub digest: Cow<'t, str>,
    /// The declared password or secret.
    pub secret: Option<&'t str>,
}

impl<'t> Probe<'t> {
    /// Reads a line; nothing stands for a field that is absent.
    fn read(line: &'t str) -> Option<Self> {
        let mut fields = split(line, FIELD);
        let (key, external_id, email) = (fields.next()?, fields.next()?, fields.next()?);
        let (digest, secret) = (fields.next()?, fields.next()?);
        let is_probe = !key.is_empty() && !digest.is_empty() && fields.next().is_none();
        let optional = |field: &'t str| (!field.is_empty()).then_some(field);
        is_probe.then(|| Self {
            key,
            external_id: optional(external_id),
            email: optional(email).map(Cow::Borrowed),
            digest: Cow::Borrowed(digest),
            secret: optional(secret),
        })
    }
}

/// Many probes, in their order: one a line, its fields in the order of [`Probe`] with tabs between them. The memory is
/// wiped on drop.
pub struct Probes {
    lines: Zeroizing<String>,
    count: usize,
}

impl Probes {
    /// Returns none, with room for so many.
    pub(in crate::reconcile) fn with_capacity(count: usize) -> Self {
        Self { lines: Zeroizing::new(String::with_capacity(count * USUAL_BYTES)), count: 0 }
    }

    pub(in crate::reconcile) fn push(&mut self, probe: &Probe<'_>) {
        let Probe { key, external_id, email, digest, secret } = probe;
        let fields = [*key, external_id.unwrap_or_default(), email.as_deref().unwrap_or_default(), digest];
        for field in fields {
            self.lines.push_str(field);
            self.lines.push(FIELD);
        }
        self.lines.push_str(secret.unwrap_or_default());
        self.lines.push('\n');
        self.count += 1;
    }

    /// Reads what [`lines`](Self::lines) has given.
    ///
    /// # Errors
    /// The number of the first line that is none.
    pub fn from_lines(lines: Secret) -> Result<Self, String> {
        let mut probes = Self { lines: lines.into_inner(), count: 0 };
        if !probes.lines.is_empty() && !probes.lines.ends_with('\n') {
            probes.lines.push('\n');
        }
        let mut count = 0;
        for probe in probes.read() {
            count += 1;
            if probe.is_none() {
                return Err(format!("line {count}: is not a probe"));
            }
        }
        probes.count = count;
        Ok(probes)
    }

    /// Returns the text; it may hold passwords.
    #[must_use]
    pub fn lines(&self) -> &str {
        &self.lines
    }

    /// Returns how many they are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Returns whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Probe<'_>> {
        self.read().flatten()
    }

    fn read(&self) -> impl Iterator<Item = Option<Probe<'_>>> {
        let lines = self.lines.strip_suffix('\n').map(|lines| split(lines, '\n'));
        lines.into_iter().flatten().map(Probe::read)
    }
}

impl fmt::Debug for Probes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} probes", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<Probes, String> {
        Probes::from_lines(Secret::new(lines))
    }

    #[test]
    fn a_line_is_a_probe() {
        let probes = read("ann\t7\tann@example.com\tdigest\tsecret\nbob\t\t\tdigest\t").unwrap();
        assert_eq!((probes.len(), format!("{probes:?}").as_str()), (2, "2 probes"));
        let [ann, bob] = probes.iter().collect::<Vec<_>>().try_into().ok().unwrap();
        assert_eq!((ann.key, ann.external_id, ann.email.as_deref()), ("ann", Some("7"), Some("ann@example.com")));
        assert_eq!((ann.digest.as_ref(), ann.secret), ("digest", Some("secret")));
        assert_eq!((bob.external_id, bob.email.as_deref(), bob.secret), (None, None, None));
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_probe_is_refused_by_its_line() {
        for (wrong, line) in [
            ("ann\t\t\tdigest\t\nann", 2),
            ("ann\t\t\tdigest", 1),
            ("ann\t\t\tdigest\t\t", 1),
            ("\t\t\tdigest\t", 1),
            ("ann\t\t\t\t", 1),
            ("ann\t\t\tdigest\t\n\n", 2),
            ("\n", 1),
        ] {
            assert_eq!(read(wrong).unwrap_err(), format!("line {line}: is not a probe"), "{wrong:?}");
        }
    }
}
