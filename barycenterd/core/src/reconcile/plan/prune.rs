//! What happens to one user or client that its manager's file no longer names.

use crate::model::{Client, Ownership, Timestamp, User};
use crate::reconcile::change::{Basis, Change, Effects, Kind, Operation};
use crate::reconcile::plan::{Planned, date};

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prune {
    /// Nothing: it is counted and mentioned.
    #[default]
    Keep,
    /// It may no longer be used; it can come back.
    Disable,
    /// It is removed for good.
    Delete,
}

/// Decides about a user.
pub(in crate::reconcile) fn user(user: &User, prune: Prune, sessions: u64, now: Timestamp) -> Planned<User> {
    let basis = Basis::of(Some(&super::user::basis_of(user)), "");
    let mut change = Change::unchanged(Kind::User, user.username.as_str(), basis);
    change.id = Some(user.id.to_string());
    change.owned = true;
    let operation = match prune {
        _ if user.protected => Operation::Unchanged,
        Prune::Disable if user.enabled => Operation::Disable,
        Prune::Delete => Operation::Delete,
        Prune::Keep | Prune::Disable => Operation::Unchanged,
    };
    if operation == Operation::Unchanged {
        return Planned { change, result: None };
    }
    let login =
        user.last_login_at.map_or_else(|| "never signed in".to_owned(), |time| format!("last login {}", date(time)));
    let manager = user.ownership.manager().map_or("nobody", |manager| manager.as_str());
    let message = format!("managed by {manager}, created {} · {login}", date(user.created_at));
    let change = Change { operation, message: Some(message), effects: Effects { sessions }, ..change };
    let mut after = User { enabled: false, updated_at: now, ..user.clone() };
    note(&mut after.ownership);
    Planned { change, result: Some(Box::new(after)) }
}

/// Decides about a client.
pub(in crate::reconcile) fn client(client: &Client, prune: Prune) -> Planned<Client> {
    let basis = Basis::of(Some(&super::client::basis_of(client)), "");
    let mut change = Change::unchanged(Kind::Client, client.id.as_str(), basis);
    change.id = Some(client.id.to_string());
    change.owned = true;
    let operation = match prune {
        Prune::Disable if client.enabled => Operation::Disable,
        Prune::Delete => Operation::Delete,
        Prune::Keep | Prune::Disable => Operation::Unchanged,
    };
    if operation == Operation::Unchanged {
        return Planned { change, result: None };
    }
    let manager = client.ownership.manager().map_or("nobody", |manager| manager.as_str());
    let message = format!("managed by {manager}, created {}", date(client.created_at));
    let change = Change { operation, message: Some(message), ..change };
    let mut after = Client { enabled: false, ..client.clone() };
    note(&mut after.ownership);
    Planned { change, result: Some(Box::new(after)) }
}

/// Notes that the file's silence disabled it: with the file it comes back.
fn note(ownership: &mut Ownership) {
    if let Ownership::Managed { declared, .. } = ownership {
        declared.pruned = true;
        declared.state = None;
    }
}

/// Returns that nothing is to be done about one that is gone, or that the manager no longer owns.
pub(in crate::reconcile) fn gone<T>(kind: Kind, id: &str) -> Planned<T> {
    let mut change = Change::unchanged(kind, id, Basis::of(None, ""));
    change.id = Some(id.to_owned());
    Planned { change, result: None }
}
