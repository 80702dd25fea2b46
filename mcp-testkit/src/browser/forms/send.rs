//! Sending a form (HTML Standard, section 4.10.21).

use url::Url;
use url::form_urlencoded::Serializer;

use super::{Field, Form};
use crate::browser::navigate::Navigation;
use crate::browser::{BrowseError, Landing};

impl Form {
    /// Sends it by the button with this text, value or name, or without one as the Enter key does: by its first button, if it has any.
    ///
    /// # Errors
    /// When there is no such button, a required field is empty, or the page's policy forbids where this leads;
    /// otherwise as [`Browser::visit`](crate::browser::Browser::visit).
    pub async fn submit(self, button: Option<&str>) -> Result<Landing, BrowseError> {
        let button = self.submitter(button)?;
        self.check_filled_in(button)?;
        let own =
            |field: &Field| if button.is_some_and(|button| button.node == field.node) { field.own_entries() } else { field.entries() };
        let pairs = self.fields.iter().flat_map(own);
        let encoded = Serializer::new(String::new()).extend_pairs(pairs.map(|(name, value)| (name, with_line_ends(&value)))).finish();
        let mut url =
            self.target(button).ok_or_else(|| BrowseError::BadUrl(self.attribute("action", button).unwrap_or_default().to_owned()))?;
        let mut body = None;
        if self.method_of(button) == "POST" {
            let encoding = self.attribute("enctype", button).unwrap_or_default();
            if encoding.eq_ignore_ascii_case("multipart/form-data") || encoding.eq_ignore_ascii_case("text/plain") {
                return Err(BrowseError::Refused(format!("the form is to be sent as {encoding}, which this browser does not do")));
            }
            body = Some(encoded);
        } else {
            url.set_query(Some(&encoded));
        }
        let (initiator, policies) = (Some(self.page.initiator(self.node)), self.page.policies().to_vec());
        self.page.browser().go(Navigation { url, body, initiator, policies }).await
    }

    pub(super) fn target(&self, button: Option<&Field>) -> Option<Url> {
        match self.attribute("action", button).map(str::trim) {
            None | Some("") => Some(self.page.url().clone()),
            Some(action) => self.page.resolve(action),
        }
    }

    pub(super) fn method_of(&self, button: Option<&Field>) -> &'static str {
        if self.attribute("method", button).is_some_and(|method| method.eq_ignore_ascii_case("post")) { "POST" } else { "GET" }
    }

    /// What the button says about how to send the form, or else the form itself.
    fn attribute(&self, name: &str, button: Option<&Field>) -> Option<&str> {
        let dom = self.page.dom();
        button.and_then(|button| dom.attribute(button.node, &format!("form{name}"))).or_else(|| dom.attribute(self.node, name))
    }

    fn submitter(&self, wanted: Option<&str>) -> Result<Option<&Field>, BrowseError> {
        let mut buttons = self.fields.iter().filter(|field| field.sends());
        let button = match wanted {
            None => buttons.next(),
            Some(text) => {
                let is_it = |button: &&Field| button.label == text || button.value == text || button.name == text;
                let missing = || BrowseError::Missing { what: format!("button `{text}`"), there: self.buttons() };
                Some(buttons.find(is_it).ok_or_else(missing)?)
            }
        };
        match button {
            Some(button) if button.disabled => Err(BrowseError::Refused(format!("the button `{}` is disabled", button.label))),
            button => Ok(button),
        }
    }

    fn check_filled_in(&self, button: Option<&Field>) -> Result<(), BrowseError> {
        let dom = self.page.dom();
        if self.forged || dom.has(self.node, "novalidate") || button.is_some_and(|button| dom.has(button.node, "formnovalidate")) {
            return Ok(());
        }
        let checked: Vec<&str> = self.fields.iter().filter(|field| field.checked).map(|field| field.name.as_str()).collect();
        match self.fields.iter().find_map(|field| field.complaint(&checked)) {
            Some(complaint) => Err(BrowseError::Refused(complaint)),
            None => Ok(()),
        }
    }
}

/// Lines end as in all of HTTP's texts.
fn with_line_ends(value: &str) -> String {
    value.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}
