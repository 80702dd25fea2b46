//! Which keys there are, and on which kinds of item.

use std::fmt::Display;

use super::entries::Entry;
use crate::diagnostics::{did_you_mean, list};
use crate::errors::Errors;
use crate::kind::{self, Kind};

/// A key and the kinds of item that have it.
pub(crate) type Key = (&'static str, &'static [Kind]);

const TOOL: &[Kind] = &[Kind::Tool];
const RESOURCE: &[Kind] = &[Kind::Resource];
const COMPLETION: &[Kind] = &[Kind::Completion];

/// The keys of `#[tool(…)]` and its siblings.
pub(crate) const OF_ITEMS: &[Key] = &[
    ("name", &Kind::ALL),
    ("title", &Kind::ALL),
    ("description", &Kind::ALL),
    ("scope", &Kind::ALL),
    ("tier", &Kind::ALL),
    ("mfa", &Kind::ALL),
    ("icon", &Kind::ALL),
    ("icons", &Kind::ALL),
    ("tags", &Kind::ALL),
    ("timeout", &Kind::ALL),
    ("blocking", &Kind::ALL),
    ("meta", &Kind::ALL),
    ("crate", &Kind::ALL),
    ("read_only", TOOL),
    ("destructive", TOOL),
    ("idempotent", TOOL),
    ("open_world", TOOL),
    ("task", TOOL),
    ("uri", RESOURCE),
    ("mime_type", RESOURCE),
    ("size", RESOURCE),
    ("prompt", COMPLETION),
    ("resource", COMPLETION),
    ("argument", COMPLETION),
];

/// The keys of `#[arg(…)]`.
pub(crate) const OF_ARGUMENTS: &[Key] = &[
    ("default", &[Kind::Tool, Kind::Resource, Kind::Prompt]),
    ("range", TOOL),
    ("name", &Kind::ALL),
    ("description", &[Kind::Tool, Kind::Prompt]),
    ("header", TOOL),
    ("min_length", TOOL),
    ("max_length", TOOL),
    ("pattern", TOOL),
];

/// The entries whose key exists, belongs to `kind` and is written for the first time.
///
/// `attribute` is how messages call the attribute the entries are from.
pub(crate) fn known<'e>(
    entries: &'e [Entry],
    keys: &[Key],
    kind: Kind,
    attribute: impl Display,
    errors: &Errors,
) -> Vec<(String, &'e Entry)> {
    let mut seen: Vec<(String, &Entry)> = Vec::new();
    for entry in entries {
        let name = entry.name();
        let own = || keys.iter().filter(|(_, kinds)| kinds.contains(&kind)).map(|(key, _)| *key);
        match keys.iter().find(|(key, _)| *key == name) {
            None => errors
                .at(&entry.key, format!("{attribute} has no key `{name}`{}\nit takes {}", did_you_mean(&name, own()), list(own(), "and"))),
            Some((_, kinds)) if !kinds.contains(&kind) => {
                errors.at(&entry.key, format!("`{name}` is not for a {}, but for {}", kind.word(), kind::listed(kinds)));
            }
            Some(_) if seen.iter().any(|(earlier, _)| *earlier == name) => {
                errors.at(&entry.key, format!("`{name}` is given twice"));
            }
            Some(_) => seen.push((name, entry)),
        }
    }
    seen
}
