//! Links that are good, and what they are good for.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_store::{Kind, StoreError, Time, When};
use serde::{Deserialize, Serialize};

use crate::server::db::{Db, Found, Owners, Row};
use crate::server::secrets::{random, same};

/// How long a link and its code are good.
pub(super) const LASTS: Duration = Duration::from_secs(15 * 60);
/// How many wrong codes void a link.
const TRIES: u32 = 5;
/// By which scanners find links that were published by mistake.
const PREFIX: &str = "mlk_";
/// How many digits of a flow's hash are in a link: 128 bits, to find its record by.
const FLOW_DIGITS: usize = 32;

/// What the page of a link is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LinkPage {
    /// A button that signs in: it is the browser that asked.
    Confirm {
        /// For which client.
        client_name: String,
    },
    /// The code, to be typed in the browser that asked.
    ShowCode {
        /// Six digits.
        code: String,
        /// For which client.
        client_name: String,
    },
    /// The link is not good, or not any more.
    Gone,
}

/// The link of a sign-in. There is one record a sign-in, so that a newer link takes the place of the older.
#[derive(Clone, Serialize, Deserialize)]
struct Link {
    /// What the secret in the link is known by.
    secret: String,
    email: String,
    code: String,
    tries: u32,
    client_name: String,
    /// In milliseconds since 1970. Tries do not put it off.
    expires: u64,
}

impl Row for Link {
    const KIND: Kind = Kind::from_static("link");
}

/// What goes into a mail.
pub(super) struct Issued {
    pub(super) secret: String,
    pub(super) code: String,
}

/// The links in a store.
pub(super) struct Links<'a>(pub(super) &'a Db);

impl Links<'_> {
    /// Makes a link to `email` for a sign-in. An older one is void.
    pub(super) async fn issue(&self, flow: &str, email: &str, client_name: &str) -> Result<Issued, StoreError> {
        let (key, code) = (self.key(flow), six_digits());
        let secret = format!("{PREFIX}{key}{}", URL_SAFE_NO_PAD.encode(random::<32>()));
        let link = Link {
            secret: self.0.secrets().id_of(&secret),
            email: email.to_owned(),
            code: code.clone(),
            tries: 0,
            client_name: client_name.to_owned(),
            expires: self.0.after(LASTS).as_millis(),
        };
        self.put(&key, &link, When::Any).await?;
        Ok(Issued { secret, code })
    }

    /// Makes a record that no link and no code opens, unless there is a link: so that trying a code takes as long
    /// whether a mail was sent or not.
    pub(super) async fn pretend(&self, flow: &str) -> Result<(), StoreError> {
        let (secret, email, code, client_name) = Default::default();
        let link = Link { secret, email, code, tries: 0, client_name, expires: self.0.after(LASTS).as_millis() };
        self.put(&self.key(flow), &link, When::Absent).await.map(drop)
    }

    /// What to answer to who opens a link.
    pub(super) async fn page(&self, browser: Option<&str>, secret: &str) -> Result<LinkPage, StoreError> {
        let Some((found, asked)) = self.find(browser, secret).await? else { return Ok(LinkPage::Gone) };
        let Link { code, client_name, .. } = found.value;
        Ok(if asked { LinkPage::Confirm { client_name } } else { LinkPage::ShowCode { code, client_name } })
    }

    /// The address that a link was sent to, for the browser that asked for it. The link is void then.
    pub(super) async fn open(&self, browser: &str, secret: &str) -> Result<Option<String>, StoreError> {
        // Again if something changed meanwhile: wrong codes, of which there are few, another link, or nothing is left.
        while let Some((found, true)) = self.find(Some(browser), secret).await? {
            if self.remove(&found).await? {
                return Ok(Some(found.value.email));
            }
        }
        Ok(None)
    }

    /// The address that a code was sent to for a sign-in. It is void then, and after five wrong ones.
    pub(super) async fn redeem(&self, flow: &str, code: &str) -> Result<Option<String>, StoreError> {
        let code: String = code.chars().filter(|character| !character.is_whitespace() && *character != '-').collect();
        let key = self.key(flow);
        while let Some(found) = self.0.get::<Link>(&key).await? {
            let right = !found.value.code.is_empty() && same(&found.value.code, &code);
            let last = found.value.tries + 1 >= TRIES;
            let counted = if right || last { self.remove(&found).await? } else { self.count_try(&found).await? };
            // If it was not counted, others tried at the same time. Each try counts, so it begins anew.
            if counted {
                return Ok(right.then_some(found.value.email));
            }
        }
        Ok(None)
    }

    /// The record of a link, and whether this is the browser that asked for it.
    async fn find(&self, browser: Option<&str>, secret: &str) -> Result<Option<(Found<Link>, bool)>, StoreError> {
        let Some(key) = secret.strip_prefix(PREFIX).and_then(|rest| rest.get(..FLOW_DIGITS)) else { return Ok(None) };
        let found = self.0.get::<Link>(key).await?;
        let found = found.filter(|found| same(&found.value.secret, &self.0.secrets().id_of(secret)));
        Ok(found.map(|found| (found, browser.is_some_and(|flow| same(&self.key(flow), key)))))
    }

    async fn count_try(&self, found: &Found<Link>) -> Result<bool, StoreError> {
        let link = Link { tries: found.value.tries + 1, ..found.value.clone() };
        self.put(&found.id, &link, When::Version(found.version)).await
    }

    async fn remove(&self, found: &Found<Link>) -> Result<bool, StoreError> {
        self.0.apply(vec![self.0.remove::<Link>(&found.id, When::Version(found.version))]).await
    }

    async fn put(&self, key: &str, link: &Link, when: When) -> Result<bool, StoreError> {
        let owners = Owners { expires: Some(Time::from_millis(link.expires)), ..Owners::default() };
        self.0.apply(vec![self.0.put(key, link, owners, when)]).await
    }

    fn key(&self, flow: &str) -> String {
        key_of(self.0, flow)
    }
}

/// What the record of a sign-in is kept under.
pub(super) fn key_of(db: &Db, flow: &str) -> String {
    let mut key = db.secrets().id_of(&format!("link {flow}"));
    key.truncate(FLOW_DIGITS);
    key
}

/// Six random digits, each of the million as likely as any other.
fn six_digits() -> String {
    /// The largest multiple of a million that fits.
    const END: u32 = u32::MAX / 1_000_000 * 1_000_000;
    loop {
        let number = u32::from_be_bytes(random());
        if number < END {
            return format!("{:06}", number % 1_000_000);
        }
    }
}
