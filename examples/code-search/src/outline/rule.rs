//! What a language's table of patterns is made of.

use regex_lite::Regex;

use super::mask::Syntax;

/// A language whose declarations are found by pattern.
pub(super) struct Code {
    /// What people call it.
    pub(super) name: &'static str,
    /// Its comments and literals.
    pub(super) syntax: Syntax,
    /// How it shows what is inside of what.
    pub(super) nesting: Nesting,
    /// Its declarations; the first that fits a line wins.
    pub(super) rules: &'static [Rule],
}

/// How a language shows what is inside of what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nesting {
    Brackets,
    Indentation,
}

/// One kind of declaration.
pub(super) struct Rule {
    /// What the outline calls it.
    pub(super) kind: &'static str,
    /// Matched from the start of a line without its indentation. `NAME` stands for
    /// an identifier, and what is captured is the name, joined by `.`.
    pub(super) pattern: &'static str,
    /// Where it may be.
    pub(super) place: Place,
    /// What it holds.
    pub(super) body: Body,
}

/// Where a declaration may be.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Anywhere,
    /// Inside nothing, or directly inside one of these kinds.
    Outermost(&'static [&'static str]),
    /// Directly inside one of these kinds.
    Inside(&'static [&'static str]),
}

/// What a declaration may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// Nothing that is outlined.
    Nothing,
    /// Other declarations: in braces, or indented.
    Block,
    /// Other declarations in parentheses, and it is not one itself.
    Group,
}

/// An identifier; every letter beyond ASCII counts as part of one.
const NAME: &str = r"[\w$\x{80}-\x{10ffff}]+";

impl Rule {
    /// The pattern, ready to use.
    pub(super) fn regex(&self) -> Regex {
        let pattern = format!("^(?:{})", self.pattern.replace("NAME", NAME));
        Regex::new(&pattern).expect("every table is compiled by a test")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{go::GO, javascript::TYPESCRIPT, python::PYTHON, rust::RUST};

    #[test]
    fn every_table_compiles() {
        for code in [&RUST, &PYTHON, &TYPESCRIPT, &GO] {
            for rule in code.rules {
                rule.regex();
            }
        }
    }
}
