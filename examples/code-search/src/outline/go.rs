//! Go.

use super::{
    mask::{BlockComments, Quote, Special, Syntax},
    rule::{
        Body::{self, Group, Nothing},
        Code, Nesting,
        Place::{self, Inside, Outermost},
        Rule,
    },
};

const OUTERMOST: Place = Outermost(&[]);
const TYPES: Place = Inside(&["type group"]);

pub(super) static GO: Code = Code {
    name: "Go",
    syntax: Syntax {
        line_comment: "//",
        block_comments: BlockComments::Flat,
        strings: &[
            Quote { delimiter: "`", escapes: false, multiline: true },
            Quote { delimiter: "\"", escapes: true, multiline: false },
            Quote { delimiter: "'", escapes: true, multiline: false },
        ],
        special: Special::None,
    },
    nesting: Nesting::Brackets,
    rules: &[
        rule("func", r"func\s+(NAME)", OUTERMOST, Nothing),
        rule("method", r"func\s*\(\s*(?:NAME\s+)?\*?\s*(NAME)[^)]*\)\s*(NAME)", OUTERMOST, Nothing),
        rule("struct", r"type\s+(NAME)(?:\[.*\])?\s+struct\b", OUTERMOST, Nothing),
        rule("interface", r"type\s+(NAME)(?:\[.*\])?\s+interface\b", OUTERMOST, Nothing),
        rule("type", r"type\s+(NAME)", OUTERMOST, Nothing),
        rule("const", r"const\s+(NAME)", OUTERMOST, Nothing),
        rule("var", r"var\s+(NAME)", OUTERMOST, Nothing),
        rule("type group", r"type\s*\(", OUTERMOST, Group),
        rule("const group", r"const\s*\(", OUTERMOST, Group),
        rule("var group", r"var\s*\(", OUTERMOST, Group),
        rule("struct", r"(NAME)(?:\[.*\])?\s+struct\b", TYPES, Nothing),
        rule("interface", r"(NAME)(?:\[.*\])?\s+interface\b", TYPES, Nothing),
        rule("type", r"(NAME)", TYPES, Nothing),
        rule("const", r"(NAME)", Inside(&["const group"]), Nothing),
        rule("var", r"(NAME)", Inside(&["var group"]), Nothing),
    ],
};

const fn rule(kind: &'static str, pattern: &'static str, place: Place, body: Body) -> Rule {
    Rule { kind, pattern, place, body }
}
