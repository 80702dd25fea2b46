//! Values that are random by design, and take part in comparisons by name.

use std::collections::BTreeMap;

/// A member whose value is random, and why.
#[derive(Clone, Copy, Debug)]
pub struct Opaque {
    /// The member's name.
    pub member: &'static str,
    /// Which of its values are meant.
    pub kind: Kind,
    /// Why it differs from run to run.
    pub reason: &'static str,
}

/// What kind of value is random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A token: at least 16 characters. The same token has the same name everywhere.
    Token,
    /// A number in 32 hexadecimal digits, as servers identify their own requests. The same number has
    /// the same name everywhere.
    Drawn,
    /// The time of day; which moments are the same is left to chance.
    Time,
}

/// Every member whose value is random. Nothing else of a frame may differ by a single byte.
pub const OPAQUE: &[Opaque] = &[
    Opaque { member: "requestState", kind: Kind::Token, reason: "sealed under a random nonce" },
    Opaque { member: "nextCursor", kind: Kind::Token, reason: "sealed under a random nonce" },
    Opaque { member: "cursor", kind: Kind::Token, reason: "a cursor sent back" },
    Opaque { member: "taskId", kind: Kind::Token, reason: "drawn at random so that nobody can guess it" },
    Opaque { member: "elicitationId", kind: Kind::Token, reason: "drawn at random so that nobody can guess it" },
    Opaque { member: "createdAt", kind: Kind::Time, reason: "the time of day" },
    Opaque { member: "lastUpdatedAt", kind: Kind::Time, reason: "the time of day" },
    Opaque { member: "id", kind: Kind::Drawn, reason: "the id of a request by the server, drawn at random so that nobody can guess it" },
];

/// The length of the shortest token; what is shorter was made up by a fixture.
const SHORTEST: usize = 16;

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
        for (value, name) in &self.0 {
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
            let known = match opaque.kind {
                Kind::Token => value.len() >= SHORTEST,
                Kind::Drawn => value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit()),
                Kind::Time => value.ends_with('Z'),
            };
            if opaque.kind == Kind::Time && known {
                hidden.push_str("<time>");
            } else if known {
                let number = self.0.len() + 1;
                let name = if opaque.member == "cursor" { "nextCursor" } else { opaque.member };
                hidden.push_str(self.0.entry(value.to_owned()).or_insert_with(|| format!("<{name} {number}>")));
            } else {
                hidden.push_str(value);
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
        let (one, other) = ("abcdefghijklmnop", "qrstuvwxyzabcdef");
        let drawn = "0123456789abcdef0123456789abcdef";
        let mut names = Names::default();
        for (frame, hidden) in [
            (format!(r#"{{"requestState":"{one}","id":"7"}}"#), r#"{"requestState":"<requestState 1>","id":"7"}"#),
            (format!(r#"{{"nextCursor":"{other}"}}"#), r#"{"nextCursor":"<nextCursor 2>"}"#),
            (
                format!(r#"{{"cursor":"{other}","requestState":"{one}"}}"#),
                r#"{"cursor":"<nextCursor 2>","requestState":"<requestState 1>"}"#,
            ),
            (format!(r#"{{"id":"{drawn}"}}"#), r#"{"id":"<id 3>"}"#),
            (format!("there is no {drawn}"), "there is no <id 3>"),
            (r#"{"createdAt":"2026-11-21T02:04:05Z"}"#.to_owned(), r#"{"createdAt":"<time>"}"#),
            (r#"{"cursor":"abc"}"#.to_owned(), r#"{"cursor":"abc"}"#),
        ] {
            assert_eq!(names.hide(&frame), hidden);
        }
    }

    #[test]
    fn text_that_only_looks_like_a_member_stays() {
        let frame = r#"{"text":"{\"requestState\":\"abc\"}"}"#;
        assert_eq!(Names::default().hide(frame), frame);
    }
}
