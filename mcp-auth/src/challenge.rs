//! `WWW-Authenticate` (RFC 6750, section 3; RFC 9728, section 5.1).

use std::fmt::Write as _;

/// Whether a resource may tell clients to ask for a scope: it is one, and it is the resource's. Whether a client gets
/// refresh tokens (`offline_access`) is between it and the authorization server (2026-07-28, basic/authorization).
pub fn may_be_asked_for(scope: &str) -> bool {
    mcp_core::is_scope_token(scope) && scope != "offline_access"
}

/// What a refused caller is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BearerChallenge<'a> {
    /// Where the metadata of the protected resource is.
    pub resource_metadata: Option<&'a str>,
    /// A code of RFC 6750, section 3.1, or RFC 9470, section 3.
    pub error: Option<&'a str>,
    /// What is wrong, for developers.
    pub error_description: Option<&'a str>,
    /// The scopes to ask for.
    pub scopes: &'a [String],
}

impl BearerChallenge<'_> {
    /// The value of the header: one line of visible ASCII. What could break out of its quotes is left out.
    pub fn to_header(&self) -> String {
        let mut header = "Bearer".to_owned();
        let mut parameter = |name: &str, value: &str| {
            let separator = if header.len() == "Bearer".len() { " " } else { ", " };
            let _ = write!(header, "{separator}{name}=\"{value}\"");
        };
        let quotable = |value: &&str| value.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
        for (name, value) in
            [("error", self.error), ("error_description", self.error_description), ("resource_metadata", self.resource_metadata)]
        {
            if let Some(value) = value.filter(quotable) {
                parameter(name, value);
            }
        }
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).filter(|scope| may_be_asked_for(scope)).collect();
        if !scopes.is_empty() {
            parameter("scope", &scopes.join(" "));
        }
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_name_what_is_missing_and_nothing_breaks_out() {
        let scopes = ["a", "b\"c", "offline_access", "d"].map(str::to_owned);
        let none = BearerChallenge::default();
        for (challenge, header) in [
            (none.clone(), "Bearer"),
            (BearerChallenge { error: Some("invalid_token"), ..none.clone() }, "Bearer error=\"invalid_token\""),
            (
                BearerChallenge { error: Some("insufficient_scope"), scopes: &scopes, ..none.clone() },
                "Bearer error=\"insufficient_scope\", scope=\"a d\"",
            ),
            (
                BearerChallenge { resource_metadata: Some("https://a.example/x"), scopes: &scopes[..1], ..none.clone() },
                "Bearer resource_metadata=\"https://a.example/x\", scope=\"a\"",
            ),
            (BearerChallenge { error_description: Some("a\"\r\nSet-Cookie: x"), ..none.clone() }, "Bearer"),
            (BearerChallenge { resource_metadata: Some("https://ü.example"), ..none }, "Bearer"),
        ] {
            assert_eq!(challenge.to_header(), header);
        }
    }
}
