//! Rust.

use super::{
    mask::{BlockComments, Quote, Special, Syntax},
    rule::{
        Body::{Block, Nothing},
        Code, Nesting,
        Place::Anywhere,
        Rule,
    },
};

/// Attributes and visibility, which may come before any item.
macro_rules! item {
    ($pattern:literal) => {
        concat!(r"(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?(?:default\s+)?", $pattern)
    };
}

pub(super) static RUST: Code = Code {
    name: "Rust",
    syntax: Syntax {
        line_comment: "//",
        block_comments: BlockComments::Nested,
        strings: &[Quote { delimiter: "\"", escapes: true, multiline: true }],
        special: Special::Rust,
    },
    nesting: Nesting::Brackets,
    rules: &[
        // An ABI is a string, and blank by now.
        rule("fn", item!(r"(?:(?:const|async|safe|unsafe|extern)\s+)*fn\s+((?:r#)?NAME)"), Block),
        rule("struct", item!(r"struct\s+((?:r#)?NAME)"), Block),
        rule("enum", item!(r"enum\s+((?:r#)?NAME)"), Block),
        rule("union", item!(r"union\s+(NAME)\s*[<{]"), Block),
        rule("trait", item!(r"(?:unsafe\s+)?(?:auto\s+)?trait\s+((?:r#)?NAME)"), Block),
        rule("impl", item!(r"(?:unsafe\s+)?impl\b([^{]*?)\s*(?:\bwhere\b|\{|$)"), Block),
        rule("mod", item!(r"mod\s+((?:r#)?NAME)"), Block),
        rule("type", item!(r"type\s+((?:r#)?NAME)"), Nothing),
        // A const parameter on a line of its own ends in a comma.
        rule("const", item!(r"const\s+(NAME)\s*:.*[^,\s]\s*$"), Nothing),
        rule("static", item!(r"static\s+(?:mut\s+)?(NAME)\s*:"), Nothing),
        rule("macro", item!(r"macro_rules!\s*(NAME)"), Block),
    ],
};

const fn rule(kind: &'static str, pattern: &'static str, body: super::rule::Body) -> Rule {
    Rule { kind, pattern, place: Anywhere, body }
}
