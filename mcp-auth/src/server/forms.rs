//! Forms that only the browser can send that was given them.

use http::StatusCode;
use mcp_store::{Index, Page};

use super::Inner;
use super::http::{self as answers, Answer, Asked, Params};
use super::pages::{self, FormTarget, View};
use super::record::Event;
use super::secrets::same;
use super::session::Current;

impl Inner {
    /// A page.
    pub(crate) fn page(&self, status: StatusCode, view: &View) -> Answer {
        answers::html(status, pages::render(view, &self.brand))
    }

    /// Where a form is sent, with what shows that it is this session's and for this place.
    pub(crate) fn form(&self, action: &str, current: &Current) -> FormTarget {
        FormTarget { action: action.to_owned(), csrf: self.db.secrets().csrf_token(&current.id, action) }
    }

    /// The form of a POST, if it was made here, for this session and this place.
    ///
    /// Pages send no referrer, so browsers send `Origin: null` with forms of ours; the token is what counts, and what else
    /// a browser says may only speak against it.
    pub(crate) fn own_form(&self, asked: &Asked, current: &Current) -> Option<Params> {
        let foreign = asked.header("origin").is_some_and(|origin| origin != "null" && !origin.eq_ignore_ascii_case(&self.rules.issuer));
        let cross_site = asked.header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
        let form = asked.form().filter(|_| !foreign && !cross_site)?;
        let query = asked.query_text();
        let action = if query.is_empty() { asked.path.clone() } else { format!("{}?{query}", asked.path) };
        let token = form.one("csrf").ok()??;
        same(token, &self.db.secrets().csrf_token(&current.id, &action)).then_some(form)
    }

    /// The page for a form that is not this session's.
    pub(crate) fn forged(&self) -> Answer {
        self.record(&Event::new("form").denied("not this session's"));
        self.error_page(
            StatusCode::FORBIDDEN,
            "This page was out of date",
            "You may have signed in or out elsewhere meanwhile. Go back, reload the page and try again.",
        )
    }

    /// Forgets what a person decided about a client.
    pub(crate) async fn forget_consent(&self, user: &str, client: &str) -> Result<(), mcp_store::StoreError> {
        let mut page = Page::first(1_000);
        loop {
            let records = self.db.ids(Index::Subject(user, Some(super::flow::CONSENT)), page).await?;
            let Some(last) = records.last() else { return Ok(()) };
            page = Page::after(last.key.clone(), 1_000);
            for record in records.into_iter().filter(|record| record.client.as_deref() == Some(client)) {
                self.db.remove_key(record.key).await?;
            }
        }
    }
}
