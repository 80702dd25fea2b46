//! Setting an authenticator app up.

use std::fmt;
use std::time::Duration;

use mcp_store::{Kind, StoreError, When};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};

use super::totp::Secret;
use super::{Factor, Factors, recovery};
use crate::server::db::{Owners, Row};

/// How long it may take, and how old the login may be that it begins with.
const LASTS: Duration = Duration::from_secs(10 * 60);

/// What a person needs to set the app up. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Enrolment {
    /// To be typed: letters and digits in groups of four.
    pub(crate) secret: String,
    /// To be opened on the device that has the app.
    pub(crate) uri: String,
    /// To be seen by the app: an `svg` element.
    pub(crate) qr_svg: String,
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolment([redacted])")
    }
}

/// What came of the wish to set an app up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Begun {
    /// It is confirmed by a code of the app, within ten minutes.
    Started(Enrolment),
    /// The login is more than ten minutes old, and who sits there now may be somebody else.
    SignInAgain,
    /// There is a second factor, which has to be taken away first: or who has the first one could replace it.
    AlreadyEnrolled,
}

/// What came of the code that confirms it.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub(crate) enum Confirmed {
    /// The app is set up. These are the recovery codes; they are shown this once.
    Done { recovery_codes: Vec<String> },
    /// The code is wrong. The app has to be set up as before.
    Wrong(Enrolment),
    /// It took too long, or has been done already.
    Gone,
}

impl fmt::Debug for Confirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done { .. } => "Done",
            Self::Wrong(_) => "Wrong",
            Self::Gone => "Gone",
        })
    }
}

/// An app that is being set up.
#[derive(Serialize, Deserialize)]
pub(super) struct Pending {
    secret: Secret,
    account: String,
    brand: String,
}

impl Row for Pending {
    const KIND: Kind = Kind::from_static("factor_pending");
}

impl Pending {
    fn enrolment(&self) -> Enrolment {
        let uri = self.secret.uri(&self.account, &self.brand);
        let code = QrCode::new(&uri).map(|code| code.render::<svg::Color<'_>>().min_dimensions(200, 200).build()).unwrap_or_default();
        // It becomes part of a page, where an XML declaration has no place.
        let qr_svg = code.find("<svg").map(|start| code[start..].to_owned()).unwrap_or_default();
        let base32 = self.secret.base32().into_bytes();
        let groups: Vec<&str> = base32.chunks(4).filter_map(|group| str::from_utf8(group).ok()).collect();
        Enrolment { secret: groups.join(" "), uri, qr_svg }
    }
}

impl Factors {
    /// Begins to set an app up. `session` is the one of the browser, in which it has to be confirmed, so that nobody finishes what somebody
    /// else began. `account` and `brand` are what the app shows; `signed_in` is when the person last proved who it is, in seconds since
    /// 1970.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn begin_enrolment(
        &self,
        user: &str,
        session: &str,
        signed_in: u64,
        account: &str,
        brand: &str,
    ) -> Result<Begun, StoreError> {
        if self.db.seconds().saturating_sub(signed_in) > LASTS.as_secs() {
            return Ok(Begun::SignInAgain);
        }
        if self.is_enrolled(user).await? {
            return Ok(Begun::AlreadyEnrolled);
        }
        let short = |text: &str| text.chars().take(60).collect();
        let pending = Pending { secret: Secret::generate(), account: short(account), brand: short(brand) };
        let owners = Owners { subject: Some(user.to_owned()), expires: Some(self.db.after(LASTS)), ..Owners::default() };
        self.db.apply(vec![self.db.put(&self.pending_id(user, session), &pending, owners, When::Any)]).await?;
        Ok(Begun::Started(pending.enrolment()))
    }

    /// Confirms, by a code of the app, that it is set up.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn confirm_enrolment(&self, user: &str, session: &str, code: &str) -> Result<Confirmed, StoreError> {
        let id = self.pending_id(user, session);
        let Some(found) = self.db.get::<Pending>(&id).await? else { return Ok(Confirmed::Gone) };
        let Some(period) = found.value.secret.period_of(code, self.db.seconds()) else {
            return Ok(Confirmed::Wrong(found.value.enrolment()));
        };
        let (recovery_codes, recovery) = recovery::new_codes(&self.db, user);
        let factor = Factor { secret: found.value.secret, last_period: period, failures: 0, locked_until: 0, recovery };
        let changes = vec![self.db.remove::<Pending>(&id, When::Version(found.version)), self.put(user, &factor, When::Absent)];
        Ok(if self.db.apply(changes).await? { Confirmed::Done { recovery_codes } } else { Confirmed::Gone })
    }

    fn pending_id(&self, user: &str, session: &str) -> String {
        self.db.secrets().id_of(&format!("enrolment {}:{user}{session}", user.len()))
    }
}
