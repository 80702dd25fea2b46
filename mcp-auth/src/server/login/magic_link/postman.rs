//! From the wish for a mail to the mail.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mcp_store::StoreError;

use super::allowance::Allowance;
use super::letter::Letter;
use super::links::Links;
use super::{ID, Recipient};
use crate::server::db::Db;
use crate::server::login::email::EmailAddress;
use crate::server::login::mail::{Mail, Mailer};
use crate::server::record::{Event, Records};

/// The operation under which mails are recorded: that one is on its way, that none is sent, and that one could not be delivered.
const MAIL: &str = "login/mail";

/// A wish for a mail.
pub(super) struct Errand {
    pub(super) flow: String,
    pub(super) email: EmailAddress,
    pub(super) client_name: String,
    pub(super) public_url: String,
    /// Who wished for it.
    pub(super) address: Option<IpAddr>,
}

/// Decides whether a mail is sent, writes it and sends it.
pub(super) struct Postman {
    pub(super) db: Db,
    pub(super) mailer: Arc<dyn Mailer>,
    pub(super) records: Arc<Records>,
    pub(super) brand: String,
    pub(super) only: Option<Vec<Recipient>>,
    pub(super) allowance: Allowance,
    pub(super) pause: Duration,
}

impl Postman {
    /// Makes a link, and the mail with it; none if the address is sent no mail, or enough were sent.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn prepare(&self, errand: &Errand) -> Result<Option<Mail>, StoreError> {
        let links = Links(&self.db);
        let welcome = self.only.as_ref().is_none_or(|only| only.iter().any(|recipient| recipient.is(&errand.email)));
        if !welcome || !self.allowance.take(&self.db, &errand.email, errand.address).await? {
            let why = if welcome { "too many mails" } else { "not an address that mails are sent to" };
            tracing::warn!(why, "a sign-in mail was asked for and is not sent");
            self.refuse(why);
            links.pretend(&errand.flow).await?;
            return Ok(None);
        }
        let issued = links.issue(&errand.flow, errand.email.as_str(), &errand.client_name).await?;
        // The public URL is the operator's: a link never goes to where a header of a request says.
        let link = format!("{}/login/{ID}/link?t={}", errand.public_url.trim_end_matches('/'), issued.secret);
        let letter = Letter { brand: &self.brand, client_name: &errand.client_name, code: &issued.code, link: &link };
        let mail = letter.to(&errand.email);
        self.records.record(&Event::new(MAIL).item(ID).succeeded());
        Ok(Some(mail))
    }

    /// Records that a mail was asked for and is not sent.
    pub(super) fn refuse(&self, why: &'static str) {
        self.records.record(&Event::new(MAIL).item(ID).denied(why));
    }

    /// Sends a mail, and once more after a while if it was not taken for now.
    pub(super) async fn send(&self, mail: Mail) {
        let sent = match self.mailer.send(mail.clone()).await {
            Err(error) if error.is_temporary() => {
                tokio::time::sleep(self.pause).await;
                self.mailer.send(mail).await
            }
            sent => sent,
        };
        if let Err(error) = sent {
            tracing::error!(%error, "a sign-in mail was not sent");
            self.records.record(&Event::new(MAIL).item(ID));
        }
    }
}
