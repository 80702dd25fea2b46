//! JavaScript and TypeScript, which share a table.

use super::{
    mask::{BlockComments, Quote, Special, Syntax},
    rule::{
        Body::{self, Block, Nothing},
        Code, Nesting,
        Place::{self, Anywhere, Inside, Outermost},
        Rule,
    },
};

pub(super) static JAVASCRIPT: Code = code("JavaScript");

pub(super) static TYPESCRIPT: Code = code("TypeScript");

/// Decorators and words that may come before any declaration.
macro_rules! exported {
    ($pattern:literal) => {
        concat!(r"(?:@[\w.]+(?:\([^)]*\))?\s+)*(?:export\s+)?(?:default\s+)?(?:declare\s+)?", $pattern)
    };
}

/// Decorators and words that may come before any member of a class.
macro_rules! member {
    ($pattern:literal) => {
        concat!(
            r"(?:@[\w.]+(?:\([^)]*\))?\s+)*",
            r"(?:(?:public|private|protected|static|abstract|override|readonly|async|get|set|accessor)\s+)*",
            $pattern
        )
    };
}

const MODULES: Place = Outermost(&["namespace"]);
const TYPES: Place = Inside(&["class", "interface"]);

const fn code(name: &'static str) -> Code {
    Code {
        name,
        syntax: Syntax {
            line_comment: "//",
            block_comments: BlockComments::Flat,
            strings: &[
                Quote { delimiter: "\"", escapes: true, multiline: false },
                Quote { delimiter: "'", escapes: true, multiline: false },
            ],
            special: Special::JavaScript,
        },
        nesting: Nesting::Brackets,
        rules: RULES,
    }
}

const RULES: &[Rule] = &[
    // What has no name of its own is imported by this one.
    rule("function", r"export\s+(default)\s+(?:async\s+)?function\s*\*?\s*\(", MODULES, Block),
    rule("class", r"export\s+(default)\s+(?:abstract\s+)?class(?:\s+extends\b.*|\s*)\{", MODULES, Block),
    rule("function", exported!(r"(?:async\s+)?function\b\s*\*?\s*(NAME)"), Anywhere, Block),
    rule("class", exported!(r"(?:abstract\s+)?class\s+(NAME)"), Anywhere, Block),
    rule("class", exported!(r"(?:const|let|var)\s+(NAME)\s*(?::[^=]*)?=\s*(?:.*=>\s*)?class\b"), Anywhere, Block),
    rule("class", r"[\w$.]+\s*=\s*(?:.*=>\s*)?class\s+(NAME)\s*(?:extends\b|\{)", Anywhere, Block),
    rule("interface", exported!(r"interface\s+(NAME)"), Anywhere, Block),
    rule("type", exported!(r"type\s+(NAME)\s*(?:<|=|$)"), Anywhere, Nothing),
    rule("enum", exported!(r"(?:const\s+)?enum\s+(NAME)"), Anywhere, Block),
    rule("namespace", exported!(r"(?:namespace|module)\s+([\w$.]+)\s*\{"), MODULES, Block),
    rule(
        "function",
        exported!(
            r"(?:const|let|var)\s+(NAME)\s*(?::[^=]*)?=\s*(?:async\b\s*)?(?:function\b|(?:<[^=]*>\s*)?\(.*\)\s*(?::[^=]*)?=>|\(\s*$|NAME\s*=>)"
        ),
        MODULES,
        Block,
    ),
    rule("const", exported!(r"const\s+(NAME)"), MODULES, Nothing),
    rule("variable", exported!(r"(?:let|var)\s+(NAME)"), MODULES, Nothing),
    rule("method", member!(r"\*?\s*(#?NAME)\s*\??\s*(?:<[^(]*>)?\("), TYPES, Block),
    rule("method", member!(r"(#?NAME)\s*(?::[^=]*)?=\s*(?:async\b\s*)?(?:\(.*\)\s*(?::[^=]*)?=>|NAME\s*=>)"), TYPES, Block),
];

const fn rule(kind: &'static str, pattern: &'static str, place: Place, body: Body) -> Rule {
    Rule { kind, pattern, place, body }
}
