//! Python.

use super::{
    mask::{BlockComments, Quote, Special, Syntax},
    rule::{
        Body::{Block, Nothing},
        Code, Nesting,
        Place::{Anywhere, Outermost},
        Rule,
    },
};

pub(super) static PYTHON: Code = Code {
    name: "Python",
    syntax: Syntax {
        line_comment: "#",
        block_comments: BlockComments::None,
        strings: &[
            Quote { delimiter: "\"\"\"", escapes: true, multiline: true },
            Quote { delimiter: "'''", escapes: true, multiline: true },
            Quote { delimiter: "\"", escapes: true, multiline: false },
            Quote { delimiter: "'", escapes: true, multiline: false },
        ],
        special: Special::None,
    },
    nesting: Nesting::Indentation,
    rules: &[
        Rule { kind: "def", pattern: r"(?:async\s+)?def\s+(NAME)", place: Anywhere, body: Block },
        Rule { kind: "class", pattern: r"class\s+(NAME)", place: Anywhere, body: Block },
        Rule { kind: "type", pattern: r"type\s+(NAME)(?:\[.*\])?\s*=", place: Outermost(&[]), body: Nothing },
        Rule { kind: "constant", pattern: r"([A-Z][A-Z0-9_]*)\s*(?::[^=]+)?=(?:[^=]|$)", place: Outermost(&[]), body: Nothing },
    ],
};
