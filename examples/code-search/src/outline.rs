//! The declarations of a file, found without parsing it.
//!
//! Three steps, each its own file: comments and literals are blanked out
//! ([`mask`]), each line is tried against the language's table of patterns
//! ([`rule`] and the files named after languages), and what encloses what follows
//! from brackets or indentation ([`nesting`]). Code laid out the way formatters
//! lay it out comes out right; two declarations on one line count as one.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{error::TreeError, open::Limit, quoted::Quoted, read::load, text, tree::SourceTree};

mod go;
mod javascript;
mod markdown;
mod mask;
mod nesting;
mod python;
mod rule;
mod rust;

/// Files over this are generated, and their outline would be no help.
const OUTLINED: Limit = Limit { bytes: 2 * 1024 * 1024, instead: "search it instead" };

/// Most declarations in one outline.
const MAX_DECLARATIONS: usize = 2_000;

/// Most characters shown of a name, which may be a heading or an `impl` header.
const MAX_NAME_CHARS: usize = 200;

/// The declarations of a file, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Outline {
    /// The file, relative to the root of the tree.
    pub path: String,
    /// The language, if it is one that can be outlined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The declarations, from the top of the file to the bottom.
    pub declarations: Vec<Declaration>,
    /// Why declarations are missing, if they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Something a file declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Declaration {
    /// The number of the line it starts on; the first is 1.
    pub line: u64,
    /// What it is, in the language's own words: `fn`, `class`, `heading`, …
    pub kind: String,
    /// Its name; for an `impl`, what it implements; for a Go method, `Type.Method`.
    pub name: String,
    /// How many other declarations it is inside of.
    pub depth: u32,
}

/// How one language is outlined.
enum Language {
    /// Code, by patterns.
    Code(&'static rule::Code),
    /// Prose, by headings.
    Markdown,
}

/// Lists what a file declares.
///
/// Rust, Python, JavaScript, TypeScript, Go and Markdown are known, by their
/// extension. A file in another language has an empty outline with a note.
///
/// # Errors
/// [`TreeError::Binary`], [`TreeError::TooLarge`] over 2 MiB, or whatever kept the
/// path from leading to a regular file.
pub fn outline(tree: &SourceTree, path: &str) -> Result<Outline, TreeError> {
    let (shown_path, contents) = load(tree, path, OUTLINED)?;
    if text::is_binary(&contents) {
        return Err(TreeError::Binary(Quoted::new(path)));
    }
    let text = String::from_utf8_lossy(text::without_mark(&contents));
    Ok(match language(&shown_path) {
        Some(language) => outline_text(shown_path, &language, &text),
        None => Outline {
            path: shown_path,
            language: None,
            declarations: Vec::new(),
            note: Some(
                "only Rust, Python, JavaScript, TypeScript, Go and Markdown files have outlines; \
                 read or search this one"
                    .to_owned(),
            ),
        },
    })
}

fn language(path: &str) -> Option<Language> {
    Some(match Path::new(path).extension()?.to_str()? {
        "rs" => Language::Code(&rust::RUST),
        "py" | "pyi" => Language::Code(&python::PYTHON),
        "js" | "jsx" | "mjs" | "cjs" => Language::Code(&javascript::JAVASCRIPT),
        "ts" | "tsx" | "mts" | "cts" => Language::Code(&javascript::TYPESCRIPT),
        "go" => Language::Code(&go::GO),
        "md" | "markdown" => Language::Markdown,
        _ => return None,
    })
}

fn outline_text(path: String, language: &Language, text: &str) -> Outline {
    let (name, mut declarations) = match language {
        Language::Code(code) => (code.name, nesting::declarations(code, text)),
        Language::Markdown => ("Markdown", markdown::headings(text)),
    };
    let note =
        (declarations.len() > MAX_DECLARATIONS).then(|| format!("only the first {MAX_DECLARATIONS} of {} are shown", declarations.len()));
    declarations.truncate(MAX_DECLARATIONS);
    Outline { path, language: Some(name.to_owned()), declarations, note }
}

impl Declaration {
    fn new(line: usize, kind: &str, name: &str, depth: usize) -> Self {
        Self {
            line: line as u64,
            kind: kind.to_owned(),
            name: text::cut(name.trim(), MAX_NAME_CHARS).into_owned(),
            depth: u32::try_from(depth).unwrap_or(u32::MAX),
        }
    }
}

#[cfg(test)]
mod tests;
