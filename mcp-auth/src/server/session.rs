//! Sessions of browsers: who is signed in, and since when.

use std::time::Duration;

use mcp_store::{Kind, StoreError, When};
use serde::{Deserialize, Serialize};

use super::db::{Db, Owners, Row};
use super::http::{Asked, Cookie};
use super::secrets::{new_id, new_secret};

/// How long a session lasts that is not used.
const IDLE: Duration = Duration::from_secs(3_600);
/// How long a session lasts.
const ABSOLUTE: Duration = Duration::from_secs(12 * 3_600);
/// How often the end of a session is put off at most.
const PUT_OFF_EVERY: u64 = 300;

/// A browser, and who is signed in with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// Names the browser for as long as it has a session, also when the session gets another cookie.
    pub(crate) browser: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// When the user signed in, in seconds since 1970.
    #[serde(default)]
    pub(crate) auth_time: u64,
    #[serde(default)]
    pub(crate) amr: Vec<String>,
    /// When the user last presented a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) factor_time: Option<u64>,
    /// The sign-in that was begun last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<String>,
    created: u64,
    seen: u64,
}

impl Row for Session {
    const KIND: Kind = Kind::from_static("session");
}

impl Session {
    fn of_nobody(browser: String, now: u64) -> Self {
        Self { browser, user: None, auth_time: 0, amr: Vec::new(), factor_time: None, request: None, created: now, seen: now }
    }
}

/// A session of this request.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    /// What it is kept under.
    pub(crate) id: String,
    pub(crate) session: Session,
    /// The cookie that the browser has to be given, if it has not got it.
    pub(crate) set_cookie: Option<String>,
}

/// The sessions.
#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    db: Db,
    cookie: Cookie,
}

impl Sessions {
    pub(crate) fn new(db: Db, secure: bool) -> Self {
        Self { db, cookie: Cookie::new("mcp_session", secure) }
    }

    /// The session of the browser that asks, if it has one.
    pub(crate) async fn find(&self, asked: &Asked) -> Result<Option<Current>, StoreError> {
        let Some(secret) = asked.cookie(self.cookie.name()) else { return Ok(None) };
        let id = self.db.secrets().id_of(secret);
        let Some(found) = self.db.get::<Session>(&id).await? else { return Ok(None) };
        let now = self.db.seconds();
        let mut session = found.value;
        if now.saturating_sub(session.created) >= ABSOLUTE.as_secs() {
            return Ok(None);
        }
        if now.saturating_sub(session.seen) >= PUT_OFF_EVERY {
            session.seen = now;
            // Somebody else may have done it meanwhile.
            self.db.apply(vec![self.put(&id, &session, When::Version(found.version))]).await?;
        }
        Ok(Some(Current { id, session, set_cookie: None }))
    }

    /// The session of the browser that asks, or a new one.
    pub(crate) async fn find_or_begin(&self, asked: &Asked) -> Result<Current, StoreError> {
        if let Some(current) = self.find(asked).await? {
            return Ok(current);
        }
        let now = self.db.seconds();
        self.begin(Session::of_nobody(new_id(), now), None).await
    }

    /// Notes which sign-in was begun last: a link from a mail does not say to which one it belongs.
    pub(crate) async fn begins(&self, current: &Current, request: &str) -> Result<(), StoreError> {
        while let Some(found) = self.db.get::<Session>(&current.id).await? {
            let session = Session { request: Some(request.to_owned()), ..found.value };
            if self.db.apply(vec![self.put(&current.id, &session, When::Version(found.version))]).await? {
                break;
            }
        }
        Ok(())
    }

    /// Signs a user in. The session gets another cookie: whoever knew or set the old one has nothing of it.
    pub(crate) async fn sign_in(&self, current: &Current, user: &str, amr: Vec<String>) -> Result<Current, StoreError> {
        let now = self.db.seconds();
        let session = Session {
            user: Some(user.to_owned()),
            auth_time: now,
            amr,
            factor_time: None,
            created: now,
            seen: now,
            ..current.session.clone()
        };
        self.begin(session, Some(&current.id)).await
    }

    /// Notes that the user has presented a second factor; the session gets another cookie.
    pub(crate) async fn stepped_up(&self, current: &Current, amr: &[&str]) -> Result<Current, StoreError> {
        let mut session = Session { factor_time: Some(self.db.seconds()), ..current.session.clone() };
        for method in amr.iter().map(|method| (*method).to_owned()) {
            if !session.amr.contains(&method) {
                session.amr.push(method);
            }
        }
        self.begin(session, Some(&current.id)).await
    }

    /// Signs the user out; the browser keeps a session of nobody's.
    pub(crate) async fn sign_out(&self, current: &Current) -> Result<Current, StoreError> {
        let now = self.db.seconds();
        self.begin(Session::of_nobody(current.session.browser.clone(), now), Some(&current.id)).await
    }

    /// Signs the user out, and answers the cookie that says so.
    pub(crate) async fn end(&self, current: &Current) -> Result<String, StoreError> {
        self.db.apply(vec![self.db.remove::<Session>(&current.id, When::Any)]).await?;
        Ok(self.cookie.clear())
    }

    async fn begin(&self, session: Session, instead_of: Option<&str>) -> Result<Current, StoreError> {
        let secret = new_secret("mss");
        let id = self.db.secrets().id_of(&secret);
        let mut changes = vec![self.put(&id, &session, When::Absent)];
        changes.extend(instead_of.map(|old| self.db.remove::<Session>(old, When::Any)));
        self.db.apply(changes).await?;
        Ok(Current { id, session, set_cookie: Some(self.cookie.set(&secret, ABSOLUTE)) })
    }

    fn put(&self, id: &str, session: &Session, when: When) -> mcp_store::Change {
        let owners = Owners { subject: session.user.clone(), expires: Some(self.db.after(IDLE)), ..Owners::default() };
        self.db.put(id, session, owners, when)
    }
}
