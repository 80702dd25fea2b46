//! How many connections callers may have of their own, and each of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The tickets that are out.
#[derive(Clone)]
pub(crate) struct Tickets(Arc<Inner>);

struct Inner {
    most: usize,
    /// Whether callers are strangers to one another, so that one must not be able to keep out the others.
    shared: bool,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    all: usize,
    by_owner: HashMap<String, usize>,
}

/// What a connection needs as long as it is there.
pub(crate) struct Ticket {
    tickets: Tickets,
    owner: String,
}

/// Why there is no ticket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// All are out.
    Full,
    /// This caller has so many, and few are left for others.
    Share(usize),
}

impl Tickets {
    pub(crate) fn new(most: usize, shared: bool) -> Self {
        Self(Arc::new(Inner { most, shared, table: Mutex::default() }))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A ticket for a caller. Whoever has a quarter of all gets more only while half of them are left.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn take(&self, owner: &str) -> Result<Ticket, Refused> {
        let most = self.0.most;
        let mut table = self.table();
        let own = table.by_owner.get(owner).copied().unwrap_or(0);
        if self.0.shared && own >= (most / 4).max(1) && most.saturating_sub(table.all) <= most / 2 {
            return Err(Refused::Share(own));
        }
        if table.all >= most {
            return Err(Refused::Full);
        }
        table.all += 1;
        *table.by_owner.entry(owner.to_owned()).or_default() += 1;
        Ok(Ticket { tickets: self.clone(), owner: owner.to_owned() })
    }
}

impl Ticket {
    /// Whose it is.
    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut table = self.tickets.table();
        table.all -= 1;
        if let Some(own) = table.by_owner.get_mut(&self.owner) {
            *own -= 1;
            if *own == 0 {
                table.by_owner.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes as many as one caller gets.
    fn all_of(tickets: &Tickets, owner: &str) -> (Vec<Ticket>, Refused) {
        let mut taken = Vec::new();
        loop {
            match tickets.take(owner) {
                Ok(ticket) => taken.push(ticket),
                Err(refused) => return (taken, refused),
            }
        }
    }

    #[test]
    fn no_caller_keeps_the_others_out() {
        let tickets = Tickets::new(64, true);
        let (ann, refused) = all_of(&tickets, "ann");
        assert_eq!((ann.len(), refused), (32, Refused::Share(32)));
        let (bob, refused) = all_of(&tickets, "bob");
        assert_eq!((bob.len(), refused), (16, Refused::Share(16)));
        let (eve, refused) = all_of(&tickets, "eve");
        assert_eq!((eve.len(), refused), (16, Refused::Share(16)));
        assert_eq!(tickets.take("dan").err(), Some(Refused::Full));
        drop(ann);
        assert!(tickets.take("dan").is_ok() && tickets.take("ann").is_ok());
        drop((bob, eve));
        let table = tickets.table();
        assert_eq!((table.all, table.by_owner.len()), (0, 0), "what is given back is not counted");
    }

    #[test]
    fn an_only_caller_may_have_all() {
        let (taken, refused) = all_of(&Tickets::new(3, false), "ann");
        assert_eq!((taken.len(), refused), (3, Refused::Full));
    }
}
