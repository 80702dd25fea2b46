//! Values that are random by design, and take part in comparisons by name.

use std::collections::BTreeMap;

/// A member whose value is random, and why.
#[derive(Clone, Copy, Debug)]
pub struct Opaque {
    /// The member's name.
    pub member: &'static str,
    /// Whether only the ids that a server gives its own requests are meant.
    pub hex_only: bool,
    /// Why it differs from run to run.
    pub reason: &'static str,
}

/// Every member whose value is random. Nothing else of a frame may differ by a single byte.
pub const OPAQUE: &[Opaque] = &[
    Opaque { member: "requestState", hex_only: false, reason: "sealed under a random nonce" },
    Opaque { member: "nextCursor", hex_only: false, reason: "sealed under a random nonce" },
    Opaque { member: "cursor", hex_only: false, reason: "a cursor sent back" },
    Opaque { member: "taskId", hex_only: false, reason: "drawn at random so that nobody can guess it" },
    Opaque { member: "elicitationId", hex_only: false, reason: "drawn at random so that nobody can guess it" },
    Opaque { member: "createdAt", hex_only: false, reason: "the time of day" },
    Opaque { member: "lastUpdatedAt", hex_only: false, reason: "the time of day" },
    Opaque { member: "id", hex_only: true, reason: "the id of a request by the server, drawn at random so that nobody can guess it" },
];

/// From what length on a value is recognised outside of its member.
const QUOTED: usize = 16;

/// The names given to opaque values in one transcript: the same value always has the same name.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    /// Replaces opaque values by their names.
    pub(crate) fn hide(&mut self, frame: &str) -> String {
        let mut hidden = frame.to_owned();
        for opaque in OPAQUE {
            hidden = self.hide_member(&hidden, opaque);
        }
        // An error may quote what it does not know.
        for (value, name) in self.0.iter().filter(|(value, _)| value.len() >= QUOTED) {
            hidden = hidden.replace(value.as_str(), name);
        }
        hidden
    }

    fn hide_member(&mut self, frame: &str, opaque: &Opaque) -> String {
        let opening = format!("\"{}\":\"", opaque.member);
        let (mut hidden, mut rest) = (String::with_capacity(frame.len()), frame);
        while let Some(at) = rest.find(&opening) {
            let (before, value) = rest.split_at(at + opening.len());
            let value_end = value.find('"').unwrap_or(value.len());
            let (value, after) = value.split_at(value_end);
            hidden.push_str(before);
            let is_drawn = value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
            if value.is_empty() || (opaque.hex_only && !is_drawn) || value.starts_with('<') {
                hidden.push_str(value);
            } else {
                let number = self.0.len() + 1;
                let kind = if opaque.member == "cursor" { "nextCursor" } else { opaque.member };
                hidden.push_str(self.0.entry(value.to_owned()).or_insert_with(|| format!("<{kind} {number}>")));
            }
            rest = after;
        }
        hidden.push_str(rest);
        hidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_has_the_same_name() {
        let mut names = Names::default();
        assert_eq!(names.hide(r#"{"requestState":"abc","id":"7"}"#), r#"{"requestState":"<requestState 1>","id":"7"}"#);
        assert_eq!(names.hide(r#"{"nextCursor":"def"}"#), r#"{"nextCursor":"<nextCursor 2>"}"#);
        assert_eq!(
            names.hide(r#"{"cursor":"def","requestState":"abc"}"#),
            r#"{"cursor":"<nextCursor 2>","requestState":"<requestState 1>"}"#
        );
        let drawn = "0123456789abcdef0123456789abcdef";
        assert_eq!(names.hide(&format!(r#"{{"id":"{drawn}"}}"#)), r#"{"id":"<id 3>"}"#);
        assert_eq!(names.hide(&format!("there is no {drawn}")), "there is no <id 3>");
    }

    #[test]
    fn text_that_only_looks_like_a_member_stays() {
        let frame = r#"{"text":"{\"requestState\":\"abc\"}"}"#;
        assert_eq!(Names::default().hide(frame), frame);
    }
}
