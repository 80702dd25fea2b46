//! What a package can be called.

use std::str::FromStr;

/// A name that cargo takes for a package, and Rust, with underscores, for a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(String);

/// Names that mean something else to Rust or to cargo.
const TAKEN: &[&str] = &[
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mcp-parity",
    "mcp_parity",
    "mcp-testkit",
    "mcp_testkit",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "tokio",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let starts_well = text.starts_with(|char: char| char.is_ascii_alphabetic());
        if !starts_well || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) || text.len() > 64 {
            return Err("a name starts with a letter and holds only ASCII letters, digits, `-` and `_`, 64 at most".to_owned());
        }
        if TAKEN.contains(&text) {
            return Err("this name means something else to Rust or to cargo; choose another one".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the crate.
    pub(crate) fn of_crate(&self) -> String {
        self.0.replace('-', "_")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_cargo_takes() {
        for (text, valid) in
            [("my-server", true), ("a1_b", true), ("1a", false), ("a/b", false), ("..", false), ("", false), ("fn", false), ("é", false)]
        {
            assert_eq!(Name::from_str(text).is_ok(), valid, "{text}");
        }
    }
}
