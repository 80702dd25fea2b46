//! What is wrong with a configuration file, and where.

use std::fmt;

use super::nearest::nearest;
use super::quote::quote;

/// What is wrong with a configuration file, and where.
///
/// The line is quoted without the values of keys that may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    file: String,
    place: Option<(usize, String)>,
    message: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place, message } = self;
        match place {
            Some((line, text)) => write!(f, "{file}:{line}: {message}\n  {line} | {text}"),
            None => write!(f, "{file}: {message}"),
        }
    }
}

impl std::error::Error for SettingsError {}

impl SettingsError {
    pub(super) fn new(file: String, text: &str, error: &toml::de::Error) -> Self {
        let Some(span) = error.span() else { return Self { file, place: None, message: explain(error.message(), false) } };
        let quoted = quote(text, span.start);
        Self { file, message: explain(error.message(), quoted.hidden), place: Some((quoted.line, quoted.text)) }
    }

    pub(super) fn unreadable(file: String, error: &std::io::Error) -> Self {
        Self { file, place: None, message: format!("the file cannot be read: {error}") }
    }

    pub(super) fn too_long(file: String) -> Self {
        Self { file, place: None, message: "the file is longer than a mebibyte".to_owned() }
    }

    /// The line, from 1, if it is about one.
    pub fn line(&self) -> Option<usize> {
        self.place.as_ref().map(|(line, _)| *line)
    }

    /// What is wrong and what was expected.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// What the reader of the file says, in the words of somebody who writes one; `hidden` if it must not repeat a value.
fn explain(message: &str, hidden: bool) -> String {
    let message = message.trim();
    for (what, kind) in [("unknown field ", "key"), ("unknown variant ", "value")] {
        if let Some(rest) = message.strip_prefix(what) {
            return unknown(kind, rest, hidden);
        }
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        return format!("the key {rest} is missing");
    }
    match message.split_once(", expected ") {
        Some((found, "a sequence")) if found.ends_with("map") => {
            "this is a list: each of its tables begins with its name in double brackets, as `[[auth.jwt]]`".to_owned()
        }
        Some((_, expected)) if hidden => format!("expected {expected}"),
        _ => message.to_owned(),
    }
}

/// `rest` is `` `word`, expected one of `a`, `b` ``, as serde has it. Whatever else it is only loses the suggestion.
fn unknown(kind: &str, rest: &str, hidden: bool) -> String {
    let mut words = rest.split('`').skip(1).step_by(2);
    let word = words.next().unwrap_or_default();
    let known: Vec<&str> = words.collect();
    if kind == "key" && known.contains(&"client_secret_env") && ["client_secret", "secret", "client-secret", "clientsecret"].contains(&word)
    {
        return "a secret does not stand in this file: put it into an environment variable and name that with `client_secret_env`, \
                or into a file and name that with `client_secret_file`"
            .to_owned();
    }
    let mut message = if hidden && kind == "value" { "unknown value".to_owned() } else { format!("unknown {kind} `{word}`") };
    if let Some(near) = nearest(word, &known) {
        message += &format!("; did you mean `{near}`");
    }
    if !known.is_empty() {
        message += &format!("; there are `{}`", known.join("`, `"));
    }
    message
}
