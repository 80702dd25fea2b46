//! What is stored.

use std::fmt;

use bytes::Bytes;

use crate::key::check_id;
use crate::{Key, StoreError, Time};

/// The most bytes of a record's body.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// What is stored by a key. `Debug` shows everything but the body, which may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is found by.
    pub key: Key,
    /// How often it was put since it was last absent. The store sets it; of a record that is put it is not looked at.
    ///
    /// A record that was removed and put anew starts at 1 again, so a condition on the version holds for another record with
    /// the same id. Where that matters, ids are not used twice.
    pub version: u64,
    /// From when on it counts as absent.
    pub expires: Option<Time>,
    /// Whom it is about, to find and to purge everything about them.
    pub subject: Option<String>,
    /// Which grant it belongs to, to find and to purge everything that belongs to it.
    pub grant: Option<String>,
    /// Which client it belongs to, to find and to purge everything that belongs to it.
    pub client: Option<String>,
    /// The content: up to [`MAX_BODY_BYTES`].
    pub body: Bytes,
}

impl Record {
    /// A record that does not expire and belongs to nobody.
    pub fn new(key: Key, body: impl Into<Bytes>) -> Self {
        Self { key, version: 0, expires: None, subject: None, grant: None, client: None, body: body.into() }
    }

    /// With a time from which on it counts as absent.
    #[must_use]
    pub fn with_expiry(mut self, expires: Time) -> Self {
        self.expires = Some(expires);
        self
    }

    /// About this subject.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Of this grant.
    #[must_use]
    pub fn with_grant(mut self, grant: impl Into<String>) -> Self {
        self.grant = Some(grant.into());
        self
    }

    /// Of this client.
    #[must_use]
    pub fn with_client(mut self, client: impl Into<String>) -> Self {
        self.client = Some(client.into());
        self
    }

    /// Whether it counts as present at this time.
    pub fn is_live(&self, now: Time) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }

    /// Whether it may be written. Backends ask before they write.
    ///
    /// # Errors
    /// [`StoreError::Empty`] and [`StoreError::TooLarge`].
    pub fn check(&self) -> Result<(), StoreError> {
        self.key.check()?;
        for (what, owner) in [("the subject", &self.subject), ("the grant", &self.grant), ("the client", &self.client)] {
            owner.as_deref().map_or(Ok(()), |owner| check_id(what, owner))?;
        }
        if self.body.len() > MAX_BODY_BYTES {
            return Err(StoreError::TooLarge { what: "the body", bytes: self.body.len(), most: MAX_BODY_BYTES });
        }
        Ok(())
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("key", &self.key)
            .field("version", &self.version)
            .field("expires", &self.expires)
            .field("subject", &self.subject)
            .field("grant", &self.grant)
            .field("client", &self.client)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn debug_does_not_show_the_body() {
        let record = Record::new(Key::new(Kind::from_static("code"), "c1"), "canary").with_subject("alice");
        let shown = format!("{record:?}");
        assert!(shown.contains("alice") && shown.contains("6 bytes"), "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}
