//! How many mails are sent.

use std::net::IpAddr;
use std::time::Duration;

use mcp_store::{Kind, StoreError};

use crate::server::db::Db;
use crate::server::http::network;
use crate::server::login::email::EmailAddress;

const MINUTES_15: Duration = Duration::from_secs(15 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const BY_PEER: Kind = Kind::from_static("mail_peer");
const BY_MAILBOX: Kind = Kind::from_static("mail_box");
const BY_MAILBOX_AND_DAY: Kind = Kind::from_static("mail_box_day");
const ALL: Kind = Kind::from_static("mail_all");

/// How many mails a peer may ask for in 15 minutes: the people of an office have one address.
const PER_PEER: u64 = 30;
/// How many mails go into a mailbox in 15 minutes, and in a day.
const PER_MAILBOX: u64 = 3;
const PER_MAILBOX_AND_DAY: u64 = 10;

/// How many mails are sent; counted in the store, so that several servers with one store count together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    pub(super) mails_per_hour: u64,
}

impl Allowance {
    /// Whether another mail may be sent, which counts as one from now on. What an earlier limit stops does not count in later ones.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn take(&self, db: &Db, email: &EmailAddress, peer: Option<IpAddr>) -> Result<bool, StoreError> {
        if let Some(peer) = peer
            && db.count(BY_PEER, &network(peer), MINUTES_15).await? > PER_PEER
        {
            return Ok(false);
        }
        let mailbox = email.mailbox();
        Ok(db.count(BY_MAILBOX, &mailbox, MINUTES_15).await? <= PER_MAILBOX
            && db.count(BY_MAILBOX_AND_DAY, &mailbox, DAY).await? <= PER_MAILBOX_AND_DAY
            && db.count(ALL, "all", HOUR).await? <= self.mails_per_hour)
    }
}
