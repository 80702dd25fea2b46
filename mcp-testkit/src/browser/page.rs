//! A page, as it was answered.

use std::sync::Arc;

use url::Url;

use super::dom::{Dom, NodeId};
use super::navigate::{Initiator, Navigation};
use super::{BrowseError, Browser, Form, Landing, csp, referrer};
use crate::http::Head;

/// A page that the browser shows. Clones are the same page.
#[derive(Clone, Debug)]
pub struct Page(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    browser: Browser,
    url: Url,
    head: Head,
    body: String,
    is_html: bool,
    dom: Dom,
    policies: Vec<csp::Policy>,
    referrer: referrer::Policy,
}

/// A link on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// What can be read of it.
    pub text: String,
    /// Where it leads.
    pub url: Url,
}

impl Page {
    pub(super) fn new(browser: Browser, url: Url, head: Head, body: Vec<u8>) -> Self {
        let body = String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let is_html = head.header("content-type").is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
        let dom = Dom::parse(if is_html { &body } else { "" });
        let mut policies: Vec<_> = values(&head, "content-security-policy").flat_map(csp::parse).collect();
        policies.extend(dom.metas("http-equiv", "content-security-policy").flat_map(csp::parse).map(csp::Policy::in_document));
        let referrer = dom.metas("name", "referrer").filter_map(referrer::Policy::parse).last();
        let referrer = referrer.or_else(|| values(&head, "referrer-policy").filter_map(referrer::Policy::parse).last());
        let referrer = referrer.unwrap_or(referrer::Policy::DEFAULT);
        Self(Arc::new(Inner { browser, url, head, body, is_html, dom, policies, referrer }))
    }

    /// Its URL, after all redirects.
    pub fn url(&self) -> &Url {
        &self.0.url
    }

    /// The status it came with.
    pub fn status(&self) -> u16 {
        self.0.head.status
    }

    /// The headers it came with.
    pub fn headers(&self) -> &[(String, String)] {
        &self.0.head.headers
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.head.header(name)
    }

    /// What was answered, markup and all.
    pub fn body(&self) -> &str {
        &self.0.body
    }

    /// Its title.
    pub fn title(&self) -> String {
        self.0.dom.title()
    }

    /// What a person reads: blocks on lines of their own, white space collapsed. A body that is no HTML is given as it is.
    pub fn text(&self) -> String {
        if self.0.is_html { self.0.dom.text(0) } else { self.0.body.clone() }
    }

    /// Who may show it in a frame, as `frame-ancestors` says it; nothing if anybody may.
    pub fn frame_ancestors(&self) -> Option<Vec<String>> {
        self.0.policies.iter().find_map(|policy| policy.directive("frame-ancestors")).map(<[String]>::to_vec)
    }

    /// Its links, in order.
    pub fn links(&self) -> Vec<Link> {
        self.anchors()
            .filter_map(|node| Some(Link { text: self.0.dom.name_of(node), url: self.resolve(self.0.dom.attribute(node, "href")?)? }))
            .collect()
    }

    /// Follows the link with this text.
    ///
    /// # Errors
    /// When there is no such link, or as [`Browser::visit`].
    pub async fn click(&self, text: &str) -> Result<Landing, BrowseError> {
        let link = self.anchors().find(|&node| self.0.dom.name_of(node) == text);
        let url = link.and_then(|node| self.resolve(self.0.dom.attribute(node, "href")?));
        let (Some(node), Some(url)) = (link, url) else {
            return Err(BrowseError::Missing {
                what: format!("link `{text}`"),
                there: self.links().into_iter().map(|link| link.text).collect(),
            });
        };
        let initiator = Some(self.initiator(node));
        self.0.browser.go(Navigation { initiator, ..Navigation::typed(url) }).await
    }

    /// Where the page goes on by itself, if it has `<meta http-equiv="refresh">`.
    pub fn refresh(&self) -> Option<Url> {
        let (_, target) = self.0.dom.metas("http-equiv", "refresh").next()?.split_once([';', ','])?;
        let target = target.trim();
        let target = if is(target.get(..4), "url=") { &target[4..] } else { target };
        self.resolve(target.trim_matches(['\'', '"', ' ']))
    }

    /// Goes on where the page goes on by itself.
    ///
    /// # Errors
    /// When it does not, or as [`Browser::visit`].
    pub async fn follow_refresh(&self) -> Result<Landing, BrowseError> {
        let missing = || BrowseError::Missing { what: "refresh".to_owned(), there: Vec::new() };
        let url = self.refresh().ok_or_else(missing)?;
        let initiator = Some(Initiator { url: self.0.url.clone(), referrer: self.0.referrer });
        self.0.browser.go(Navigation { initiator, ..Navigation::typed(url) }).await
    }

    /// Its forms, in order.
    pub fn forms(&self) -> Vec<Form> {
        self.0.dom.elements(&["form"]).map(|node| Form::read(self, node)).collect()
    }

    /// The form with this id, name, label or button, or at this place, counted from 0.
    ///
    /// # Errors
    /// When there is none.
    pub fn form(&self, which: &str) -> Result<Form, BrowseError> {
        let mut forms = self.forms();
        let found = forms.iter().position(|form| form.is_called(which)).or_else(|| which.parse().ok());
        match found {
            Some(at) if at < forms.len() => Ok(forms.swap_remove(at)),
            _ => Err(BrowseError::Missing { what: format!("form `{which}`"), there: forms.iter().map(Form::summary).collect() }),
        }
    }

    /// What keeps people from using it with a keyboard or a screen reader: controls without labels, images without alternatives,
    /// no language, no heading, a jumbled order.
    pub fn accessibility_problems(&self) -> Vec<String> {
        self.0.dom.accessibility_problems()
    }

    pub(super) fn dom(&self) -> &Dom {
        &self.0.dom
    }

    pub(super) fn browser(&self) -> &Browser {
        &self.0.browser
    }

    pub(super) fn policies(&self) -> &[csp::Policy] {
        &self.0.policies
    }

    /// The page as what causes a request, by one of its links or forms.
    pub(super) fn initiator(&self, node: NodeId) -> Initiator {
        let dom = &self.0.dom;
        let silent = dom.attribute(node, "rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|word| is(Some(word), "noreferrer")));
        let own = dom.attribute(node, "referrerpolicy").and_then(referrer::Policy::parse);
        let referrer = if silent { referrer::Policy::NoReferrer } else { own.unwrap_or(self.0.referrer) };
        Initiator { url: self.0.url.clone(), referrer }
    }

    /// A URL of the page, which may be relative to its base.
    pub(super) fn resolve(&self, url: &str) -> Option<Url> {
        let dom = &self.0.dom;
        let base = dom.elements(&["base"]).find_map(|base| self.0.url.join(dom.attribute(base, "href")?).ok());
        base.as_ref().unwrap_or(&self.0.url).join(url.trim()).ok()
    }

    fn anchors(&self) -> impl Iterator<Item = NodeId> {
        self.0.dom.elements(&["a"]).filter(|&node| self.0.dom.has(node, "href"))
    }
}

fn is(given: Option<&str>, expected: &str) -> bool {
    given.is_some_and(|given| given.trim().eq_ignore_ascii_case(expected))
}

fn values<'a>(head: &'a Head, name: &str) -> impl Iterator<Item = &'a str> {
    head.headers.iter().filter(move |(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
