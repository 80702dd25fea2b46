//! What a server answered.

use mcp_testkit::http::{Head, Request};

/// A response with its whole body.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: String,
    head: Head,
}

impl Answer {
    /// The answer to a request.
    ///
    /// # Panics
    /// When there is none.
    pub async fn of(request: Request) -> Self {
        let mut response = request.send().await.expect("the server listens");
        let body = if request.method == "HEAD" { Vec::new() } else { response.body().await.expect("a body") };
        let body = String::from_utf8(body).expect("text");
        Self { status: response.head.status, body, head: response.head }
    }

    /// The value of a header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// Every header, as they were sent.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The challenge.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub fn challenge(&self) -> &str {
        let mut found = self.headers().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
        let Some((_, challenge)) = found.next() else { panic!("there is no challenge: {self:?}") };
        assert!(found.next().is_none(), "there is more than one challenge: {self:?}");
        challenge
    }

    /// A parameter of the challenge.
    ///
    /// # Panics
    /// As [`Self::challenge`].
    pub fn challenged(&self, parameter: &str) -> Option<&str> {
        let (_, rest) = self.challenge().split_once(&format!(" {parameter}=\""))?;
        rest.split_once('"').map(|(value, _)| value)
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is not.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }
}
