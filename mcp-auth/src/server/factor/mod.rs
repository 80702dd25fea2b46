//! A second factor: codes of an authenticator app, and recovery codes for when it is lost.

mod enrolment;
mod recovery;
#[cfg(test)]
mod tests;
mod totp;

use std::fmt;

use mcp_store::{Change, Index, Kind, StoreError, When};
use serde::{Deserialize, Serialize};

use super::db::{Db, Found, Owners, Row};
use enrolment::Pending;
pub(crate) use enrolment::{Begun, Confirmed, Enrolment};
use totp::Secret;

/// How many wrong codes are forgiven before it is locked.
const FREE_FAILURES: u32 = 5;
/// How long it is locked after the last of them, in seconds; twice as long after each further one.
const FIRST_LOCK: u64 = 60;
/// The longest lock, in seconds. At one guess an hour somebody would guess for thirty years on average.
const LONGEST_LOCK: u64 = 60 * 60;

/// The second factors of people. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Factors {
    db: Db,
}

impl fmt::Debug for Factors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Factors")
    }
}

/// What came of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Verdict {
    /// It is the person, who has both factors.
    Verified {
        /// How it was found out. `otp` is of RFC 8176; it has nothing for recovery codes, and these must not pass as the app.
        amr: Vec<&'static str>,
        /// How many recovery codes are left.
        recovery_left: usize,
    },
    /// The code is wrong, or was used before.
    Wrong,
    /// There were too many wrong codes; none is looked at.
    Locked {
        /// Until when, in seconds since 1970.
        until: u64,
    },
    /// There is no second factor.
    NotEnrolled,
}

/// A second factor.
#[derive(Clone, Serialize, Deserialize)]
struct Factor {
    secret: Secret,
    /// The period of the last code that was taken: neither it nor one before it is taken again (RFC 6238, section 5.2).
    last_period: u64,
    failures: u32,
    /// In seconds since 1970.
    locked_until: u64,
    /// What the recovery codes that are left are known by.
    recovery: Vec<String>,
}

impl Row for Factor {
    const KIND: Kind = Kind::from_static("factor");
}

impl Factors {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Whether a person has a second factor.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn is_enrolled(&self, user: &str) -> Result<bool, StoreError> {
        Ok(self.db.get::<Factor>(user).await?.is_some())
    }

    /// Looks at a code of the app, or a recovery code. Each is good once, however many send it at the same time.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn verify(&self, user: &str, code: &str) -> Result<Verdict, StoreError> {
        // Again if another code was looked at meanwhile: each one changes the record, or ends this.
        while let Some(found) = self.db.get::<Factor>(user).await? {
            let (verdict, after) = self.judge(&found, user, code);
            let Some(after) = after else { return Ok(verdict) };
            if self.db.apply(vec![self.put(user, &after, When::Version(found.version))]).await? {
                return Ok(verdict);
            }
        }
        Ok(Verdict::NotEnrolled)
    }

    /// Takes the second factor from a person, who has lost it.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn reset(&self, user: &str) -> Result<(), StoreError> {
        self.db.purge(Index::Subject(user, Some(Pending::KIND))).await?;
        self.db.purge(Index::Subject(user, Some(Factor::KIND))).await?;
        Ok(())
    }

    /// What a code means, and the record as it has to be afterwards, if it changes.
    fn judge(&self, found: &Found<Factor>, user: &str, code: &str) -> (Verdict, Option<Factor>) {
        let (now, factor) = (self.db.seconds(), &found.value);
        if now < factor.locked_until {
            return (Verdict::Locked { until: factor.locked_until }, None);
        }
        let clean = Factor { failures: 0, locked_until: 0, ..factor.clone() };
        match factor.secret.period_of(code, now) {
            // Whoever looked over a shoulder gets nowhere, and who sends a form twice is not locked out for it.
            Some(period) if period <= factor.last_period => return (Verdict::Wrong, None),
            Some(period) => {
                let verdict = Verdict::Verified { amr: vec!["otp"], recovery_left: clean.recovery.len() };
                return (verdict, Some(Factor { last_period: period, ..clean }));
            }
            None => {}
        }
        if let Some(left) = recovery::without(&self.db, user, &factor.recovery, code) {
            return (Verdict::Verified { amr: vec!["recovery"], recovery_left: left.len() }, Some(Factor { recovery: left, ..clean }));
        }
        let failures = factor.failures.saturating_add(1);
        let Some(further) = failures.checked_sub(FREE_FAILURES) else {
            return (Verdict::Wrong, Some(Factor { failures, ..factor.clone() }));
        };
        let until = now + (FIRST_LOCK << further.min(16)).min(LONGEST_LOCK);
        (Verdict::Locked { until }, Some(Factor { failures, locked_until: until, ..factor.clone() }))
    }

    fn put(&self, user: &str, factor: &Factor, when: When) -> Change {
        let owners = Owners { subject: Some(user.to_owned()), ..Owners::default() };
        self.db.put(user, factor, owners, when)
    }
}
