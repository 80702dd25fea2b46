//! What source files may hold, and how long they may be.

use std::collections::BTreeSet;

use super::code;
use crate::failure::Result;
use crate::workspace::Workspace;

/// Most lines of one file.
const LONGEST: usize = 600;
/// Lines that half of the files do not exceed.
const MEDIAN: usize = 200;
/// The one file that may compare protocol revisions.
const REVISION: &str = "mcp-core/src/protocol/revision.rs";
/// Written by tests or written wrong on purpose.
const NOT_SOURCE: [&str; 2] = ["/golden/", "tests/ui/"];

/// One Rust file.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: String,
    lines: usize,
    text: String,
    /// Without comments and literals.
    pub(super) code: String,
    /// Without tests, too; empty when all of it is a test.
    product: String,
}

pub(super) fn read(workspace: &Workspace, files: &[String]) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut tests = BTreeSet::new();
    for path in files.iter().filter(|path| path.ends_with(".rs") && !NOT_SOURCE.iter().any(|part| path.contains(part))) {
        let text = workspace.read(path)?;
        let code = code::without_comments_and_literals(&text);
        let (product, modules) = code::without_tests(&code);
        tests.extend(modules.iter().flat_map(|module| files_of_module(path, module)));
        sources.push(Source { path: path.clone(), lines: text.lines().count(), text, code, product });
    }
    for source in &mut sources {
        if tests.contains(&source.path) || source.path.starts_with("tests/") || source.path.contains("/tests/") {
            source.product.clear();
        }
    }
    Ok(sources)
}

/// Where the module `name` that a file declares may be.
fn files_of_module(path: &str, name: &str) -> [String; 2] {
    let stem = path.trim_end_matches(".rs");
    let directory = match stem.rsplit_once('/') {
        Some((parent, "mod" | "lib" | "main")) => parent,
        _ => stem,
    };
    [format!("{directory}/{name}.rs"), format!("{directory}/{name}/mod.rs")]
}

/// Checks the lengths and says them.
pub(super) fn check_sizes(sources: &[Source], problems: &mut Vec<String>) -> String {
    for source in sources.iter().filter(|source| source.lines > LONGEST) {
        problems.push(format!("{}: {} lines; look for the second story in it (at most {LONGEST})", source.path, source.lines));
    }
    let mut lines: Vec<usize> = sources.iter().map(|source| source.lines).collect();
    lines.sort_unstable();
    let median = lines.get(lines.len() / 2).copied().unwrap_or_default();
    if median >= MEDIAN {
        problems.push(format!("the median file has {median} lines (fewer than {MEDIAN} are wanted)"));
    }
    let longest = sources.iter().max_by_key(|source| source.lines);
    let longest = longest.map(|source| format!("{} with {}", source.path, source.lines)).unwrap_or_default();
    format!("{} source files, median {median} lines, longest {longest}", sources.len())
}

pub(super) fn check_words(sources: &[Source], problems: &mut Vec<String>) {
    for source in sources {
        let mut found = |text: &str, words: &[&str], why: &str| {
            for (position, line) in text.lines().enumerate() {
                if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                    problems.push(format!("{}:{}: `{}` {why}", source.path, position + 1, word.trim_end()));
                }
            }
        };
        found(&source.text, &[concat!("FIX", "ME"), concat!("XX", "X")], "is a note to do something; do it or write down why not");
        found(&source.code, &["#[ignore"], "hides a test; make it pass or delete it");
        found(&source.code, &["unsafe {", "unsafe fn ", "unsafe impl ", "unsafe extern "], "is not for this workspace");
        found(&source.code, &["allow(unsafe_code"], "is not for this workspace");
        found(&source.product, &["todo!", "unimplemented!"], "is code that is missing");
        if is_served(&source.path) && source.path != REVISION {
            let comparisons = [
                "Revision::V",
                "== Revision::",
                "!= Revision::",
                "<= Revision::",
                ">= Revision::",
                "< Revision::",
                "> Revision::",
                "if version ==",
            ];
            found(&source.product, &comparisons, "compares revisions; add a method that names the difference to `Revision`");
        }
    }
}

/// Whether a file is of what users run. The test kit plays clients of every revision, as tests do.
fn is_served(path: &str) -> bool {
    path.starts_with("examples/") || (path.starts_with("mcp-") && !path.starts_with("mcp-testkit/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        let code = code::without_comments_and_literals(text);
        let (product, _) = code::without_tests(&code);
        Source { path: path.to_owned(), lines: text.lines().count(), text: text.to_owned(), code, product }
    }

    #[test]
    fn forbidden_words_are_found_where_they_count() {
        let text = "fn a() { unsafe { b() } }\n// todo! is only talked about\nlet s = \"unsafe {\";\n#[cfg(test)]\nmod tests { fn t() { todo!() } }";
        let mut problems = Vec::new();
        check_words(&[source("mcp-core/src/a.rs", text)], &mut problems);
        assert_eq!(problems, ["mcp-core/src/a.rs:1: `unsafe {` is not for this workspace"]);

        let text = "fn f() -> Revision { if revision >= Revision::LATEST { todo!() } }";
        let mut problems = Vec::new();
        check_words(
            &[source("mcp-core/src/b.rs", text), source(REVISION, "Revision::V1"), source("tests/c.rs", "Revision::V1")],
            &mut problems,
        );
        assert_eq!(problems.len(), 2, "{problems:?}");
    }

    #[test]
    fn modules_are_found_beside_and_below_their_parents() {
        assert_eq!(files_of_module("a/src/lib.rs", "golden"), ["a/src/golden.rs", "a/src/golden/mod.rs"]);
        assert_eq!(files_of_module("a/src/search.rs", "tests"), ["a/src/search/tests.rs", "a/src/search/tests/mod.rs"]);
    }
}
