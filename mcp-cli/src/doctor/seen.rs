//! What was asked and what came back.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, LOCATION};
use serde_json::{Map, Value};

/// One request, and its answer or why there is none.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) answer: Result<Answer, String>,
    pub(crate) took: Duration,
}

/// An answer, with as much of its body as a document may have.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn status(&self) -> Option<u16> {
        self.answer.as_ref().ok().map(|answer| answer.status)
    }

    pub(crate) fn is(&self, status: u16) -> bool {
        self.status() == Some(status)
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// A header that is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.answer.as_ref().ok()?.headers.get(name)?.to_str().ok()
    }

    /// Every value of a header, or an empty list.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let Ok(answer) = &self.answer else { return Vec::new() };
        answer.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
    }

    /// The words of a header that is a list, in lower case.
    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        self.headers(name).iter().flat_map(|value| value.split(',')).map(|word| word.trim().to_ascii_lowercase()).collect()
    }

    /// The media type without its parameters, in lower case.
    pub(crate) fn media_type(&self) -> String {
        let value = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Whether a web page came back.
    pub(crate) fn is_page(&self) -> bool {
        self.media_type() == "text/html" || self.body().trim_start().get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"))
    }

    pub(crate) fn body(&self) -> &str {
        self.answer.as_ref().ok().and_then(|answer| std::str::from_utf8(&answer.body).ok()).unwrap_or_default()
    }

    /// Where a redirect leads.
    pub(crate) fn location(&self) -> Option<&str> {
        self.status().filter(|status| (300..400).contains(status))?;
        self.header(LOCATION.as_str())
    }

    /// The JSON object of a successful answer.
    pub(crate) fn object(&self) -> Option<Map<String, Value>> {
        self.succeeded().then(|| serde_json::from_str(self.body()).ok()).flatten()
    }

    /// The request and its answer in a few words.
    pub(crate) fn describe(&self) -> String {
        let what = match &self.answer {
            Err(why) => format!("is not answered: {why}"),
            Ok(answer) => match (self.location(), self.media_type()) {
                (Some(location), _) => format!("answers {} and leads to `{location}`", answer.status),
                (None, media_type) if media_type.is_empty() => format!("answers {}", answer.status),
                (None, media_type) => format!("answers {} with {media_type}", answer.status),
            },
        };
        format!("{} {} {what}", self.method, self.url)
    }
}

#[cfg(test)]
impl Seen {
    /// An answer that a test makes up.
    pub(crate) fn made_up(status: u16, headers: &[(&'static str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("a fit value")));
        let answer = Answer { status, headers: headers.collect(), body: body.to_owned().into() };
        Self { method: "GET", url: "https://mcp.example.com/".to_owned(), answer: Ok(answer), took: Duration::ZERO }
    }

    /// A JSON document that a test makes up.
    pub(crate) fn document(document: &Value) -> Self {
        Self::made_up(200, &[("content-type", "application/json")], &document.to_string())
    }
}
