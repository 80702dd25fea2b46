//! `WWW-Authenticate` with words that somebody else chose.

use mcp_auth::BearerChallenge;
use serde_json::Value;

use crate::Behaviour;

/// A challenge is one line that a strict reader reads, and says what it was given or nothing.
///
/// The input is a JSON array: the error, its description, the metadata and then scopes. Anything else stands for all of them.
pub fn challenges(data: &[u8]) -> Behaviour {
    let given = Given::read(data);
    let challenge = BearerChallenge {
        error: given.error.as_deref(),
        error_description: given.description.as_deref(),
        resource_metadata: given.metadata.as_deref(),
        scopes: &given.scopes,
    };
    let header = challenge.to_header();
    assert!(header.bytes().all(|byte| (0x20..=0x7e).contains(&byte)), "not one line of visible ASCII: {header:?}");
    let parameters = parameters(&header).unwrap_or_else(|why| panic!("{why}: {header:?}"));
    assert_eq!(parameters, given.expected(), "{header:?}");
    let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
    Behaviour::default().and(names).and(given.scopes.len().min(4))
}

struct Given {
    error: Option<String>,
    description: Option<String>,
    metadata: Option<String>,
    scopes: Vec<String>,
}

impl Given {
    fn read(data: &[u8]) -> Self {
        if let Ok(values) = serde_json::from_slice::<Vec<Value>>(data) {
            let mut texts = values.into_iter().map(|value| value.as_str().map(str::to_owned));
            let mut next = || texts.next().flatten();
            return Self { error: next(), description: next(), metadata: next(), scopes: texts.flatten().collect() };
        }
        let text = String::from_utf8_lossy(data).into_owned();
        Self { error: Some(text.clone()), description: Some(text.clone()), metadata: Some(text.clone()), scopes: vec![text] }
    }

    /// What a reader should find: what can stand between quotes (RFC 6750, section 3), whole, and nothing of the rest.
    fn expected(&self) -> Vec<(&'static str, String)> {
        let quotable = |text: &&String| text.bytes().all(|byte| byte != b'"' && byte != b'\\' && (0x20..=0x7e).contains(&byte));
        // What gets a client refresh tokens is no business of a resource (2026-07-28, basic/authorization).
        let is_asked_for = |scope: &&str| !scope.is_empty() && !scope.contains(' ') && *scope != "offline_access";
        let tokens: Vec<&str> = self.scopes.iter().filter(quotable).map(String::as_str).filter(is_asked_for).collect();
        let scopes = (!tokens.is_empty()).then(|| tokens.join(" "));
        let texts = [("error", &self.error), ("error_description", &self.description), ("resource_metadata", &self.metadata)];
        let texts = texts.map(|(name, text)| (name, text.as_ref().filter(quotable).cloned()));
        texts.into_iter().chain([("scope", scopes)]).filter_map(|(name, text)| Some((name, text?))).collect()
    }
}

/// Reads `Bearer` and its parameters, all of them quoted and none of them escaped (RFC 9110, section 11.2).
fn parameters(header: &str) -> Result<Vec<(&str, String)>, &'static str> {
    let mut rest = header.strip_prefix("Bearer").ok_or("another scheme")?;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let separator = if found.is_empty() { " " } else { ", " };
        rest = rest.strip_prefix(separator).ok_or("parameters are not separated")?;
        let (name, quoted) = rest.split_once("=\"").ok_or("a parameter has no quoted value")?;
        if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()) {
            return Err("a name is none");
        }
        let (value, after) = quoted.split_once('"').ok_or("a quote is not closed")?;
        if value.contains('\\') {
            return Err("a value is escaped");
        }
        if found.iter().any(|(known, _)| *known == name) {
            return Err("a parameter occurs twice");
        }
        found.push((name, value.to_owned()));
        rest = after;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_is_strict() {
        let read = parameters("Bearer error=\"a b\", scope=\"c\"");
        assert_eq!(read, Ok(vec![("error", "a b".to_owned()), ("scope", "c".to_owned())]));
        assert_eq!(parameters("Bearer"), Ok(Vec::new()));
        for header in [
            "Basic",
            "Bearer ",
            "Bearer error",
            "Bearer error=a",
            "Bearer error=\"a",
            "Bearer error=\"a\" scope=\"b\"",
            "Bearer error=\"a\",scope=\"b\"",
            "Bearer error=\"a\", error=\"b\"",
            "Bearer error=\"a\\\"b\"",
            "Bearer error=\"a\", Basic realm=\"b\"",
            "Bearer =\"a\"",
        ] {
            assert!(parameters(header).is_err(), "{header}");
        }
    }
}
