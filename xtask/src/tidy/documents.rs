//! Documents that have to say what the code does.

use std::collections::{BTreeMap, BTreeSet};

use super::sources::Source;
use crate::failure::Result;
use crate::workspace::{Package, Workspace};

const DEPENDENCIES: &str = "docs/dependencies.md";
const ARCHITECTURE: &str = "ARCHITECTURE.md";
/// How many invariants the architecture has.
const INVARIANTS: u32 = 12;
const PRESENT: [&str; 4] = ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Packages that nobody but this workspace's tests and measurements run.
const TESTING: [&str; 3] = ["tests", "benches", "fuzz"];

pub(super) fn check_presence(files: &[String], problems: &mut Vec<String>) {
    for path in PRESENT.iter().filter(|path| !files.iter().any(|file| file == *path)) {
        problems.push(format!("{path} is missing"));
    }
}

/// Every crate from outside has a row that says who uses it and why.
pub(super) fn check_dependencies(workspace: &Workspace, problems: &mut Vec<String>) -> Result<()> {
    let used = users(workspace.packages());
    let text = workspace.read(DEPENDENCIES)?;
    let rows = rows(&text);
    for (name, users) in &used {
        let users = users.iter().copied().collect::<Vec<_>>().join(", ");
        match rows.get(name.as_str()) {
            None => problems.push(format!("{DEPENDENCIES}: has no row `| {name} | {users} | why |`")),
            Some(row) if row.users != users => {
                problems.push(format!("{DEPENDENCIES}: {name} is used by `{users}`, not by `{}`", row.users));
            }
            Some(row) if row.why.is_empty() => problems.push(format!("{DEPENDENCIES}: does not say why there is {name}")),
            Some(_) => {}
        }
    }
    for name in rows.keys().filter(|name| !used.contains_key(**name)) {
        problems.push(format!("{DEPENDENCIES}: {name} is no longer used"));
    }
    Ok(())
}

/// Who uses each crate from outside, apart from tests.
fn users(packages: &[Package]) -> BTreeMap<String, BTreeSet<&str>> {
    let mut used: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for package in packages.iter().filter(|package| !TESTING.contains(&package.directory.as_str())) {
        for dependency in package.dependencies.iter().filter(|dependency| !dependency.development) {
            if packages.iter().all(|inside| inside.name != dependency.name) {
                used.entry(dependency.name.clone()).or_default().insert(package.short_name());
            }
        }
    }
    used
}

struct Row<'a> {
    users: &'a str,
    why: &'a str,
}

/// The rows of the table `| crate | used by | why |`.
fn rows(text: &str) -> BTreeMap<&str, Row<'_>> {
    let lines = text.lines().skip_while(|line| !line.starts_with("| crate |")).skip(2);
    lines
        .map_while(|line| {
            let mut cells = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim);
            Some((cells.next()?.trim_matches('`'), Row { users: cells.next()?, why: cells.next()? }))
        })
        .collect()
}

/// Every invariant is written down with tests that exist.
pub(super) fn check_invariants(workspace: &Workspace, sources: &[Source], problems: &mut Vec<String>) {
    let text = match workspace.read(ARCHITECTURE) {
        Ok(text) => text,
        Err(failure) => return problems.push(failure.to_string()),
    };
    let functions: BTreeSet<&str> = sources.iter().flat_map(|source| functions(&source.code)).collect();
    let invariants = invariants(&text);
    for number in 1..=INVARIANTS {
        let Some(tests) = invariants.get(&number) else {
            problems.push(format!("{ARCHITECTURE}: invariant {number} is missing"));
            continue;
        };
        if tests.is_empty() {
            problems.push(format!("{ARCHITECTURE}: invariant {number} names no test; write *Test:* `name`"));
        }
        for test in tests {
            let function = test.rsplit("::").next().unwrap_or(test);
            if !functions.contains(function) {
                problems.push(format!("{ARCHITECTURE}: invariant {number} names the test `{test}`, which does not exist"));
            }
        }
    }
}

/// The names of a file's functions.
fn functions(code: &str) -> impl Iterator<Item = &str> {
    code.match_indices("fn ").map(|(at, word)| {
        let rest = &code[at + word.len()..];
        &rest[..rest.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(rest.len())]
    })
}

/// The tests that each invariant names: back-ticked, after `*Test:*` or `*Tests:*`, in the item with its number.
fn invariants(text: &str) -> BTreeMap<u32, Vec<&str>> {
    let mut found: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    let mut current = None;
    let mut in_tests = false;
    for line in text.lines() {
        if let Some(number) = number_of(line) {
            current = Some(number);
            in_tests = false;
            found.entry(number).or_default();
        } else if line.starts_with('#') {
            current = None;
        }
        let Some(number) = current else { continue };
        let named = match line.split_once("*Test:*").or_else(|| line.split_once("*Tests:*")) {
            Some((_, named)) => named,
            // A list of tests may go on over several lines.
            None if in_tests && !line.trim().is_empty() => line,
            None => {
                in_tests = false;
                continue;
            }
        };
        in_tests = true;
        found.entry(number).or_default().extend(named.split('`').skip(1).step_by(2));
    }
    found
}

/// `3` of a line that starts with `3. `, `### 3. ` or `**3. `.
fn number_of(line: &str) -> Option<u32> {
    let line = line.trim_start_matches(['#', ' ', '*']);
    line.split_once(". ")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invariants_name_their_tests() {
        let text = "\
# Invariants
1. **One way.** See `code`.
   *Test:* `a::first`
2. **Two.** *Tests:* `second`,
   `third`

   More `words`.
3. Nothing.
## Other
4. Counted, too. *Test:* `x`
";
        let found = invariants(text);
        assert_eq!(found[&1], ["a::first"]);
        assert_eq!(found[&2], ["second", "third"]);
        assert!(found[&3].is_empty());
        assert_eq!(functions("async fn one() {} fn two<T>() {}").collect::<Vec<_>>(), ["one", "two"]);
    }

    #[test]
    fn rows_are_read() {
        let text = "| a | b |\n\n| crate | used by | why |\n|---|---|---|\n| `serde` | core, client | reads |\n\n| x | y | z |";
        let rows = rows(text);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows["serde"].users, rows["serde"].why), ("core, client", "reads"));
    }
}
