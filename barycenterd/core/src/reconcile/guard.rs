//! What keeps a sync from doing harm that nobody meant: limits on pruning, empty files, plans that are not the ones
//! that were approved. Guards are only ever lifted on the command line.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::model::Manager;
use crate::reconcile::change::Kind;

/// Without a word from the operator, so many may be pruned whatever their share.
const FREE: u64 = 5;
/// Without a word from the operator, such a share may be pruned, in per cent.
const FREE_PERCENT: f64 = 5.0;

/// How many may be pruned.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum MaxPrune {
    /// The larger of 5 and 5 %.
    #[default]
    Default,
    /// So many.
    Number(u64),
    /// Such a share of what the manager owns, in per cent.
    Percent(f64),
}

impl MaxPrune {
    /// Returns how many of `managed` may go.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count, rounded down: far below 2^52, and never negative"
    )]
    pub fn of(self, managed: u64) -> u64 {
        let share = |percent: f64| (managed as f64 * percent / 100.0).floor() as u64;
        match self {
            Self::Default => share(FREE_PERCENT).max(FREE),
            Self::Number(number) => number,
            Self::Percent(percent) => share(percent),
        }
    }
}

impl FromStr for MaxPrune {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is neither a number nor a share; write 61 or 15%");
        if let Some(share) = text.strip_suffix('%') {
            let percent: f64 = share.parse().map_err(|_| wrong())?;
            return if (0.0..=100.0).contains(&percent) { Ok(Self::Percent(percent)) } else { Err(wrong()) };
        }
        text.parse().map(Self::Number).map_err(|_| wrong())
    }
}

impl fmt::Display for MaxPrune {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("5 or 5%, whichever is larger"),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Percent(percent) => write!(formatter, "{percent}%"),
        }
    }
}

/// What an operator permits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Guards {
    /// How many may be pruned of each kind.
    pub max_prune: MaxPrune,
    /// Whether a list without entries may prune.
    pub allow_empty: bool,
    /// The plan that was approved.
    pub expect: Option<String>,
}

/// Why a sync is not carried out; nothing has been changed.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Refusal {
    /// More would be pruned than permitted.
    #[error(
        "refusing to {verb} {count} of {managed} {noun}s managed by \"{manager}\" ({share:.1} %, limit {limit})",
        noun = kind.noun(),
        share = percent(*count, *managed)
    )]
    TooMany {
        /// `disable` or `delete`.
        verb: &'static str,
        /// What they are.
        kind: Kind,
        /// How many would go.
        count: u64,
        /// How many the manager owns.
        managed: u64,
        /// The manager.
        manager: Manager,
        /// The limit that stood in the way.
        limit: MaxPrune,
    },
    /// A list is empty, and everything would go.
    #[error("the file contains no {noun}s, and {managed} are managed by \"{manager}\"", noun = kind.noun())]
    Empty {
        /// What there are none of.
        kind: Kind,
        /// How many the manager owns.
        managed: u64,
        /// The manager.
        manager: Manager,
    },
    /// The plan is not the one that was approved.
    #[error("the plan changed since it was approved: expected {expected}, is now {found}")]
    OtherPlan {
        /// The approved one.
        expected: String,
        /// The one that would be carried out.
        found: String,
    },
}

#[expect(clippy::cast_precision_loss, reason = "for people, with one digit")]
fn percent(count: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { count as f64 * 100.0 / of as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_or_five_per_cent_may_go() {
        for (managed, most) in [(0, 5), (8, 5), (100, 5), (101, 5), (200, 10), (9_850, 492)] {
            assert_eq!(MaxPrune::Default.of(managed), most, "{managed}");
        }
        assert_eq!("61".parse::<MaxPrune>().unwrap().of(10), 61);
        assert_eq!("0".parse::<MaxPrune>().unwrap().of(10), 0);
        assert_eq!("12.5%".parse::<MaxPrune>().unwrap().of(80), 10);
        for wrong in ["", "-1", "101%", "x%", "5 %", "1e3"] {
            assert!(wrong.parse::<MaxPrune>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_refusal_names_the_numbers() {
        let refusal = Refusal::TooMany {
            verb: "disable",
            kind: Kind::User,
            count: 61,
            managed: 420,
            manager: Manager::default(),
            limit: MaxPrune::Percent(5.0),
        };
        assert_eq!(
            refusal.to_string(),
            "refusing to disable 61 of 420 users managed by \"users.json\" (14.5 %, limit 5%)"
        );
    }
}
