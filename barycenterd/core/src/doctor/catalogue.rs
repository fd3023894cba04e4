//! Every check that there is: its id, what it looks at, and what may be wrong. `baryctl help doctor ID` prints this.

/// What checks are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Whether the deployment answers.
    Target,
    /// The settings.
    Config,
    /// The database and its folder.
    Database,
    /// The root key and the keyring.
    Keys,
    /// What relying parties see.
    Issuer,
    /// Users and the file that declares them.
    Users,
    /// What the daemons do by themselves.
    Jobs,
    /// The daemons that serve the deployment.
    Replicas,
}

impl Group {
    /// Every group, in the order in which they are shown.
    pub const ALL: [Self; 8] =
        [Self::Target, Self::Config, Self::Database, Self::Keys, Self::Issuer, Self::Users, Self::Jobs, Self::Replicas];

    /// Returns the name of the group.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Config => "config",
            Self::Database => "database",
            Self::Keys => "keys",
            Self::Issuer => "issuer",
            Self::Users => "users",
            Self::Jobs => "jobs",
            Self::Replicas => "replicas",
        }
    }

    /// Returns the group of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.as_str() == name)
    }
}

/// A check as operators may read about it.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The stable name.
    pub id: &'static str,
    /// Its group.
    pub group: Group,
    /// Whether it can be made before the first start.
    pub before_start: bool,
    /// What it looks at, and why that matters.
    pub about: &'static str,
}

const fn known(id: &'static str, group: Group, about: &'static str) -> Known {
    Known { id, group, before_start: false, about }
}

const fn early(id: &'static str, group: Group, about: &'static str) -> Known {
    Known { id, group, before_start: true, about }
}

/// Every check.
pub const CATALOGUE: &[Known] = &[
    known(
        "target.reachable",
        Group::Target,
        "A real, authenticated query reaches the admin API, or with --direct the database opens. Everything else builds on it.",
    ),
    early(
        "config.file",
        Group::Config,
        "The configuration is found and free of faults; every variable that overrides the file is named. A variable that is left over from another deployment is the most common reason why an edit of the file changes nothing.",
    ),
    early(
        "config.base-url",
        Group::Config,
        "server.public_base_url is the issuer: relying parties compare it letter by letter, and it must be https unless everything happens on this machine. Over http, passwords and tokens cross the network in clear text, and cookies are not bound to https.",
    ),
    early(
        "config.values",
        Group::Config,
        "Values that are allowed and still not wise: fewer Argon2 costs than recommended, very long lifetimes of tokens, registration that is open to everybody.",
    ),
    early(
        "db.folder",
        Group::Database,
        "The folder of the SQLite file exists and can be written to: SQLite makes further files beside the database.",
    ),
    early(
        "db.reachable",
        Group::Database,
        "The database opens and answers, and how long that takes. More than 250 ms for the simplest question slows every sign-in down.",
    ),
    known(
        "db.migrated",
        Group::Database,
        "The schema is the one that this version needs. An older one is brought up to date by `baryctl db migrate` or the next start; a newer one needs the version that made it.",
    ),
    known(
        "db.pool",
        Group::Database,
        "All daemons together open no more connections (database.max_connections each) than PostgreSQL takes: max_connections without those that it reserves. Every replica that lives needs as many again. Beyond that, requests fail under load and only then.",
    ),
    known(
        "db.wal",
        Group::Database,
        "SQLite keeps a write-ahead log, so that readers and the writer do not wait for each other.",
    ),
    early(
        "db.location",
        Group::Database,
        "The SQLite file is on a local file system. Over NFS or SMB its locks and shared memory do not work between machines, and a database that two of them open is destroyed.",
    ),
    early(
        "db.space",
        Group::Database,
        "There is room on the volume of the SQLite file: without it every write fails, sign-ins included, and no backup can be made there.",
    ),
    known(
        "db.integrity",
        Group::Database,
        "With --direct: SQLite looks through the whole file (quick_check). A damaged file must be replaced by a backup before it spreads.",
    ),
    early(
        "keys.folder",
        Group::Keys,
        "The folders of keys.private_key_path and keys.jwks_path exist; at the first start the root key is written there.",
    ),
    early(
        "keys.root",
        Group::Keys,
        "The root key can be read, is a private key, is open to nobody else, and belongs to who runs the daemon. It is the deployment's one secret.",
    ),
    known(
        "keys.keyring",
        Group::Keys,
        "The root key opens the signing keys in the database. Another root key than theirs means that the file or the database is another deployment's.",
    ),
    known("keys.active", Group::Keys, "There is a key that signs with the configured algorithm."),
    known(
        "keys.pending",
        Group::Keys,
        "No new key has been waiting for more than a day and a half to begin to sign. One that does waits for a daemon that runs.",
    ),
    known(
        "keys.age",
        Group::Keys,
        "The key that signs is younger than a year. `baryctl keys rotate` puts another in its place without breaking anything.",
    ),
    known(
        "keys.mirror",
        Group::Keys,
        "The file keys.jwks_path holds the keys that are published now. The daemon rewrites it at every change; a stale one could not be written. Of a daemon that runs, its own fault is told: then the check fails.",
    ),
    known(
        "keys.published",
        Group::Keys,
        "From here: the keys that sign are in the JWKS that the issuer publishes. If they are not, every relying party refuses the tokens.",
    ),
    known(
        "issuer.discovery",
        Group::Issuer,
        "From here: /.well-known/openid-configuration under public_base_url answers, with the same issuer. A proxy that leads elsewhere, or a wrong public_base_url, shows here. That this place cannot reach the issuer is a warning: relying parties are elsewhere.",
    ),
    known(
        "issuer.certificate",
        Group::Issuer,
        "From here: the certificate of the issuer is trusted and valid for at least another 14 days.",
    ),
    known(
        "issuer.clock",
        Group::Issuer,
        "From here: the issuer's clock (the Date of its answers) is within a few seconds of this machine's. Relying parties refuse tokens from the future or of the past.",
    ),
    known(
        "users-file.applied",
        Group::Users,
        "The users file that the daemon watches was applied, the last time that it changed. A file that is wrong changes nothing.",
    ),
    known(
        "users-file.conflicts",
        Group::Users,
        "The watched users file had no conflicts: nothing that somebody else owns, and that was left as it is.",
    ),
    known(
        "users.sample-passwords",
        Group::Users,
        "Nobody has a password that documentation shows, such as CHANGE-ME-IN-PRODUCTION: everybody can read those.",
    ),
    known(
        "jobs.failed",
        Group::Jobs,
        "No run of a job has failed within the last day. Jobs remove what has expired, carry out what is due of the signing keys and write the JWKS mirror.",
    ),
    known(
        "jobs.overdue",
        Group::Jobs,
        "Every job of the timetable runs when it is due, as long as a daemon is there to run it.",
    ),
    known(
        "replicas.version",
        Group::Replicas,
        "All daemons that serve this database have the same version. During a rolling update they do not, for a while.",
    ),
    known(
        "replicas.root-key",
        Group::Replicas,
        "All daemons that serve this database have the same root key. One with another would make cookies, forms and fingerprints that the others refuse.",
    ),
];

/// Returns the group of a check, if there is such a check.
#[must_use]
pub fn group_of(id: &str) -> Option<Group> {
    CATALOGUE.iter().find(|known| known.id == id).map(|known| known.group)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_id_stands_once_and_groups_stand_together() {
        let ids: BTreeSet<&str> = CATALOGUE.iter().map(|known| known.id).collect();
        assert_eq!(ids.len(), CATALOGUE.len());
        assert!(CATALOGUE.is_sorted_by_key(|known| known.group));
        assert!(Group::ALL.into_iter().all(|group| Group::from_name(group.as_str()) == Some(group)));
    }
}
