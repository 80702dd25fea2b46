//! A mail, as its reader sees it.

use bytes::Bytes;
use mail_parser::{MessageParser, MimeHeaders as _, PartType};

use crate::browser::dom::Dom;

/// A mail that arrived.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mail {
    /// Whom the sender named as such to the server, which is not the header `From`; empty for none.
    pub from: String,
    /// Whom the sender named as recipients to the server, which is not the header `To`.
    pub to: Vec<String>,
    /// The subject, decoded (RFC 2047).
    pub subject: String,
    /// The headers, unfolded but not decoded, in order.
    pub headers: Vec<(String, String)>,
    raw: Bytes,
}

impl Mail {
    pub(super) fn new(from: String, to: Vec<String>, raw: Bytes) -> Self {
        let message = MessageParser::default().parse(&raw[..]).unwrap_or_default();
        let subject = message.subject().unwrap_or_default().to_owned();
        let unfold = |(name, value): (&str, &str)| (name.to_owned(), value.replace("\r\n", "").trim().to_owned());
        let headers = if message.parts.is_empty() { Vec::new() } else { message.headers_raw().map(unfold).collect() };
        Self { from, to, subject, headers, raw }
    }

    /// The first header of this name, unfolded but not decoded.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Everything that was sent, without the dots that SMTP adds.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The first part that is plain text, decoded.
    pub fn text(&self) -> Option<String> {
        self.part(|body| match body {
            PartType::Text(text) => Some(text.clone().into_owned()),
            _ => None,
        })
    }

    /// The first part that is HTML, decoded.
    pub fn html(&self) -> Option<String> {
        self.part(|body| match body {
            PartType::Html(html) => Some(html.clone().into_owned()),
            _ => None,
        })
    }

    /// The URLs with `http` or `https` in text and HTML, each once, as a reader would follow them.
    pub fn links(&self) -> Vec<String> {
        let dom = Dom::parse(&self.html().unwrap_or_default());
        let anchors = dom.elements(&["a"]).filter_map(|node| dom.attribute(node, "href")).map(|href| href.trim().to_owned());
        let mut links: Vec<String> = Vec::new();
        for link in urls(&self.text().unwrap_or_default()).into_iter().chain(anchors) {
            if is_web(&link) && !links.contains(&link) {
                links.push(link);
            }
        }
        links
    }

    fn part(&self, read: impl Fn(&PartType<'_>) -> Option<String>) -> Option<String> {
        let message = MessageParser::default().parse(&self.raw[..])?;
        message.parts.iter().filter(|part| part.attachment_name().is_none()).find_map(|part| read(&part.body))
    }
}

fn is_web(url: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// What mail programs make links of: up to white space or a bracket, without the punctuation of the sentence.
fn urls(text: &str) -> Vec<String> {
    let words = text.split(|char: char| char.is_whitespace() || "<>\"".contains(char));
    let trimmed =
        words.map(|word| word.trim_start_matches(['(', '[', '\'']).trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']));
    trimmed.filter(|word| is_web(word)).map(str::to_owned).collect()
}
