//! What a person has let a client do, and the code by which the client gets it.

use std::collections::BTreeSet;

use mcp_store::{Kind, Time};
use serde::{Deserialize, Serialize};

use super::client::ClientSource;
use super::db::{Owners, Row};

/// What a client may do for a person. What is issued under it is good for as long as it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) client: String,
    pub(crate) client_name: String,
    pub(crate) client_source: ClientSource,
    /// Where the client was led back to.
    pub(crate) redirect_uri: String,
    pub(crate) user: String,
    pub(crate) scopes: BTreeSet<String>,
    /// Those of the scopes that end early, and when, in seconds since 1970.
    #[serde(default)]
    pub(crate) elevated: BTreeSet<String>,
    #[serde(default)]
    pub(crate) elevated_until: u64,
    pub(crate) resources: Vec<String>,
    pub(crate) amr: Vec<String>,
    pub(crate) auth_time: u64,
    pub(crate) created: u64,
    /// When it ends, whatever happens.
    pub(crate) ends: u64,
    pub(crate) refresh: Option<Refresh>,
}

/// How far the refresh tokens of a grant have come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refresh {
    /// Makes the tokens of this grant different from those of any other, also for who has the key.
    pub(crate) salt: String,
    /// The number of the newest token that was given out.
    pub(crate) generation: u64,
    /// When it was, in milliseconds since 1970.
    pub(crate) rotated: u64,
    /// Until when it can be used, in seconds since 1970.
    pub(crate) idle_ends: u64,
}

impl Row for Grant {
    const KIND: Kind = Kind::from_static("grant");
}

impl Grant {
    /// The scopes that are held at a time, in seconds since 1970.
    pub(crate) fn scopes_at(&self, now: u64) -> BTreeSet<String> {
        if now < self.elevated_until {
            return self.scopes.clone();
        }
        self.scopes.difference(&self.elevated).cloned().collect()
    }

    /// Whom the record belongs to, and how long it is kept.
    pub(crate) fn owners(&self, token_ends: u64) -> Owners {
        let ends = self.refresh.as_ref().map_or(token_ends, |refresh| refresh.idle_ends.max(token_ends)).min(self.ends);
        Owners {
            subject: Some(self.user.clone()),
            grant: None,
            client: Some(self.client.clone()),
            expires: Some(Time::from_millis(ends.saturating_mul(1_000))),
        }
    }
}

/// An authorization code: a grant that waits to be taken up (RFC 6749, section 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Code {
    /// The grant it becomes.
    pub(crate) grant_id: String,
    pub(crate) grant: Grant,
    /// What the verifier must hash to (RFC 7636, section 4.6).
    pub(crate) challenge: String,
    /// How often a wrong verifier came with it.
    pub(crate) tries: u8,
    /// It was taken up. It is kept for a while, so that whoever brings it again is found out.
    pub(crate) spent: bool,
}

impl Row for Code {
    const KIND: Kind = Kind::from_static("code");
}

/// A token that was revoked by itself, by its `jti`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RevokedToken {}

impl Row for RevokedToken {
    const KIND: Kind = Kind::from_static("revoked_token");
}
