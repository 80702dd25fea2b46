//! One event as one line of JSON.

use std::borrow::Cow;
use std::net::IpAddr;

use mcp_core::{AuditEvent, ScopeSet, Verdict};
use serde::Serialize;

use crate::policy::tier_name;
use mcp_core::rfc3339_millis;

/// The longest text that is kept whole, in bytes, so that a caller cannot fill the disk with one call.
const MAX_TEXT: usize = 4 * 1_024;

/// Stands at the end of what was cut.
const MARK: &str = "…[cut]";

#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    operation: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    item: Cow<'a, str>,
    needed: Vec<&'a str>,
    held: Held<'a>,
    tier: &'static str,
    transport: &'static str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    latency_us: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "is_zero")]
    lost: u64,
    /// Last, because the hash is put behind it.
    prev: &'a str,
}

/// A text for every scope and a list for some, so that no scope can be named like the former.
#[derive(Serialize)]
#[serde(untagged)]
enum Held<'a> {
    Every(&'static str),
    These(Vec<&'a str>),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The line without its hash.
pub(super) fn body(event: &AuditEvent<'_>, seq: u64, lost: u64, prev: &str) -> serde_json::Result<String> {
    let (verdict, reason) = verdict(event.verdict);
    serde_json::to_string(&Line {
        seq,
        time: rfc3339_millis(event.time),
        subject: event.principal.subject().map(cut),
        issuer: event.principal.issuer().map(cut),
        client: event.principal.client().map(cut),
        address: event.address,
        operation: cut(event.operation),
        item: cut(event.item),
        needed: event.access.map(|access| cut_list(access.scopes())).unwrap_or_default(),
        held: match event.principal.scopes() {
            ScopeSet::All => Held::Every("every scope"),
            ScopeSet::These(scopes) => Held::These(cut_list(scopes.iter().map(String::as_str))),
            _ => Held::Every("unknown"),
        },
        tier: tier_name(event.principal.tier()),
        transport: event.transport.as_str(),
        verdict,
        reason,
        latency_us: event.latency.as_micros().try_into().unwrap_or(u64::MAX),
        arguments: event.arguments.map(cut),
        lost,
        prev,
    })
}

/// A word for what came of it, and why it was denied.
pub(super) fn verdict(verdict: Verdict) -> (&'static str, Option<&'static str>) {
    match verdict {
        Verdict::Succeeded => ("succeeded", None),
        Verdict::Failed => ("failed", None),
        Verdict::InputRequired => ("input required", None),
        Verdict::Cancelled => ("cancelled", None),
        Verdict::Denied(reason) => ("denied", Some(reason)),
        _ => ("unknown", None),
    }
}

/// The beginning of a text that is too long, with a mark. Characters that move what is read on a screen are written as their numbers:
/// JSON would let those above ASCII through.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
    let cut = &text[..text.floor_char_boundary(MAX_TEXT)];
    let moves = |character: char| matches!(character, '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if cut.len() == text.len() && !text.contains(moves) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(cut.len() + MARK.len());
    for character in cut.chars() {
        match moves(character) {
            true => shown.push_str(&format!("<U+{:04X}>", u32::from(character))),
            false => shown.push(character),
        }
    }
    if cut.len() < text.len() {
        shown.push_str(MARK);
    }
    Cow::Owned(shown)
}

/// The beginning of a list that is too long in all, with a mark that cannot be a scope.
fn cut_list<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut room = MAX_TEXT;
    let mut kept = Vec::new();
    for text in texts {
        // Two quotes and a comma count too, so that many short ones are bounded as well.
        let Some(left) = room.checked_sub(text.len() + 3) else {
            kept.push(MARK);
            break;
        };
        room = left;
        kept.push(text);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_has_a_word() {
        for (of, word) in [
            (Verdict::Succeeded, "succeeded"),
            (Verdict::Failed, "failed"),
            (Verdict::InputRequired, "input required"),
            (Verdict::Cancelled, "cancelled"),
            (Verdict::Denied("why"), "denied"),
        ] {
            assert_eq!(verdict(of).0, word);
        }
    }

    #[test]
    fn characters_that_move_others_are_written_as_numbers() {
        for (text, shown) in [("a\u{202e}b", "a<U+202E>b"), ("\u{9b}31m", "<U+009B>31m"), ("a\u{2028}", "a<U+2028>"), ("é\n", "é\n")] {
            assert_eq!(cut(text), shown);
        }
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let check = |text: &str, kept: usize| {
            let found = cut(text);
            let expected = if kept == text.len() { text.to_owned() } else { format!("{}{MARK}", &text[..kept]) };
            assert_eq!(found, expected);
        };
        check("", 0);
        check(&"a".repeat(MAX_TEXT), MAX_TEXT);
        check(&"a".repeat(MAX_TEXT + 1), MAX_TEXT);
        check(&format!("{}é", "a".repeat(MAX_TEXT - 1)), MAX_TEXT - 1);
    }

    #[test]
    fn long_lists_are_cut_between_texts() {
        let many = vec!["scope"; 10_000];
        let kept = cut_list(many.into_iter());
        assert_eq!((kept.len(), kept.last()), (MAX_TEXT / 8 + 1, Some(&MARK)));
        assert_eq!(cut_list(["a", "b"].into_iter()), ["a", "b"]);
        assert_eq!(cut_list(std::iter::empty()), [""; 0]);
    }
}
