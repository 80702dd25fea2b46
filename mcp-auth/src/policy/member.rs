//! Whom a role or an admission list speaks of.

use std::fmt;
use std::str::FromStr;

use mcp_core::Principal;
use serde::{Deserialize, Deserializer};

use crate::settings::text;

/// Callers that a role or an admission list speaks of.
///
/// Written as text: `*` is everybody who is identified, `@example.com` (or `domain:example.com`) everybody
/// with a verified e-mail address there, `group:ops` a group, `alice@example.com` (or `email:…`) one verified
/// e-mail address, `subject:auth0|5f7c` one subject. A text of none of these forms is a subject.
///
/// A text with an `@` is never compared with subjects unless it says `subject:`, because some issuers let
/// people choose their subject, and an address that nobody verified must not stand for one that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Member {
    /// Everybody who is identified.
    Everybody,
    /// The subject of the token, compared exactly.
    Subject(String),
    /// A verified e-mail address, in any case.
    Email(String),
    /// The domain of a verified e-mail address, in any case; its subdomains are other domains.
    Domain(String),
    /// A group that the issuer says the caller is in, compared exactly.
    Group(String),
}

/// A text that speaks of nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAMember;

impl fmt::Display for NotAMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member is `*`, `@domain`, `group:name`, an e-mail address or a subject")
    }
}

impl std::error::Error for NotAMember {}

impl FromStr for Member {
    type Err = NotAMember;

    fn from_str(text: &str) -> Result<Self, NotAMember> {
        let member = match text.split_once(':') {
            _ if text == "*" => return Ok(Self::Everybody),
            Some(("subject", name)) => Self::Subject(name.to_owned()),
            Some(("email", name)) => Self::Email(name.to_owned()),
            Some(("domain", name)) => Self::Domain(name.to_owned()),
            Some(("group", name)) => Self::Group(name.to_owned()),
            _ => match text.split_once('@') {
                Some(("", domain)) => Self::Domain(domain.to_owned()),
                Some(_) => Self::Email(text.to_owned()),
                None => Self::Subject(text.to_owned()),
            },
        };
        if member.is_well_formed() { Ok(member) } else { Err(NotAMember) }
    }
}

impl Member {
    /// Whether `principal` is meant. Nobody anonymous ever is.
    pub(super) fn includes(&self, principal: &Principal, groups_claim: &str) -> bool {
        let Some(subject) = principal.subject() else { return false };
        match self {
            Self::Everybody => true,
            Self::Subject(name) => name == subject,
            Self::Email(address) => principal.email().is_some_and(|email| email.eq_ignore_ascii_case(address)),
            Self::Domain(domain) => {
                principal.email().and_then(|email| email.rsplit_once('@')).is_some_and(|(_, at)| at.eq_ignore_ascii_case(domain))
            }
            Self::Group(name) => match principal.claim(groups_claim) {
                Some(serde_json::Value::String(group)) => group == name,
                Some(serde_json::Value::Array(groups)) => groups.iter().any(|group| group == name),
                _ => false,
            },
        }
    }

    fn is_well_formed(&self) -> bool {
        match self {
            Self::Everybody => true,
            Self::Subject(name) | Self::Group(name) => !name.is_empty(),
            Self::Email(address) => matches!(address.rsplit_once('@'), Some((local, domain)) if !local.is_empty() && !domain.is_empty()),
            Self::Domain(domain) => !domain.is_empty() && !domain.contains(['@', '*', '/', ' ']),
        }
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer, "a member", str::parse)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_read_from_text() {
        for (text, member) in [
            ("*", Ok(Member::Everybody)),
            ("alice", Ok(Member::Subject("alice".into()))),
            ("auth0|5f7c", Ok(Member::Subject("auth0|5f7c".into()))),
            ("subject:robot@clients", Ok(Member::Subject("robot@clients".into()))),
            ("repo:owner/name", Ok(Member::Subject("repo:owner/name".into()))),
            ("alice@example.com", Ok(Member::Email("alice@example.com".into()))),
            ("@example.com", Ok(Member::Domain("example.com".into()))),
            ("domain:example.com", Ok(Member::Domain("example.com".into()))),
            ("group:ops", Ok(Member::Group("ops".into()))),
            ("", Err(NotAMember)),
            ("group:", Err(NotAMember)),
            ("subject:", Err(NotAMember)),
            ("@", Err(NotAMember)),
            ("@*.example.com", Err(NotAMember)),
            ("alice@", Err(NotAMember)),
            ("email:alice", Err(NotAMember)),
        ] {
            assert_eq!(text.parse::<Member>(), member, "{text}");
        }
    }

    #[test]
    fn members_include_only_whom_they_name() {
        let claims = |value: serde_json::Value| value.as_object().expect("an object").clone();
        let alice = Principal::new("a1").with_claims(claims(json!({
            "email": "Alice@Example.com", "email_verified": true, "groups": ["ops", 7], "team": "red"
        })));
        let unverified = Principal::new("u@example.com").with_claims(claims(json!({
            "email": "alice@example.com", "email_verified": "true", "groups": {"ops": true}
        })));
        let anonymous = Principal::anonymous().with_claims(claims(json!({"groups": ["ops"]})));
        for (member, claim, expected) in [
            ("*", "groups", [true, true, false]),
            ("a1", "groups", [true, false, false]),
            ("A1", "groups", [false, false, false]),
            ("subject:u@example.com", "groups", [false, true, false]),
            ("u@example.com", "groups", [false, false, false]),
            ("alice@example.com", "groups", [true, false, false]),
            ("@example.com", "groups", [true, false, false]),
            ("@com", "groups", [false, false, false]),
            ("@ample.com", "groups", [false, false, false]),
            ("group:ops", "groups", [true, false, false]),
            ("group:op", "groups", [false, false, false]),
            ("group:7", "groups", [false, false, false]),
            ("group:red", "team", [true, false, false]),
            ("group:ops", "team", [false, false, false]),
        ] {
            let parsed: Member = member.parse().expect("a member");
            let found = [&alice, &unverified, &anonymous].map(|principal| parsed.includes(principal, claim));
            assert_eq!(found, expected, "{member}");
        }
    }
}
