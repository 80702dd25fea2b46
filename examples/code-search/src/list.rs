//! Listing what is in the tree.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    error::TreeError,
    glob::Glob,
    open::size,
    page::Page,
    quoted::Quoted,
    tree::SourceTree,
    walk::{Found, walk},
};

/// Most entries on one page, however many are asked for.
const MAX_ENTRIES: u32 = 1_000;

/// One page of the entries of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListPage {
    /// The entries, in order of path.
    pub entries: Vec<Entry>,
    /// How many entries there are on all pages together.
    pub total: u64,
    /// The offset to ask for next; absent when there are no more entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_offset: Option<u64>,
}

/// A file or directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    /// Its path, relative to the root of the tree.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// The size of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A file, which can be read.
    File,
    /// A directory, which can be listed.
    Dir,
}

/// Lists the entries up to `depth` levels below a directory, one page of them.
///
/// A `depth` of 1, or 0, gives the directory's own entries. `glob` is matched
/// against paths from the root of the tree. What git ignores is left out, and so
/// are hidden entries, unless `dir` is itself a hidden directory.
///
/// # Errors
/// [`TreeError::BadGlob`], [`TreeError::NotDirectory`], [`TreeError::Ignored`] if
/// git ignores `dir`, or whatever kept the path from being resolved.
pub fn list(tree: &SourceTree, dir: &str, glob: Option<&str>, depth: u32, page: Page) -> Result<ListPage, TreeError> {
    let glob = Glob::compile(glob)?;
    let start = tree.resolve(dir)?;
    if !start.is_dir() {
        return Err(TreeError::NotDirectory(Quoted::new(dir)));
    }
    let found = walk(tree, start.path(), Some(depth.max(1)), &glob)?;

    let first = usize::try_from(page.offset).unwrap_or(usize::MAX).min(found.len());
    let last = found.len().min(first + page.limit_up_to(MAX_ENTRIES));
    Ok(ListPage {
        entries: found[first..last].iter().map(|found| entry(tree, found)).collect(),
        total: found.len() as u64,
        next_offset: (last < found.len()).then_some(last as u64),
    })
}

fn entry(tree: &SourceTree, found: &Found) -> Entry {
    let (kind, bytes) = if found.is_dir { (EntryKind::Dir, None) } else { (EntryKind::File, size(tree.root(), &found.path).ok()) };
    Entry { path: found.path.as_str().to_owned(), kind, bytes }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    use super::*;

    const ALL: Page = Page { offset: 0, limit: MAX_ENTRIES };

    fn fixture() -> Fixture {
        let fixture = Fixture::new(&[
            (".gitignore", "/target\n*.log\n!keep.log\n"),
            (".hidden/x", ""),
            (".github/ci.yml", ""),
            (".git/config", ""),
            ("Cargo.toml", "1234"),
            ("a.log", ""),
            ("keep.log", ""),
            ("src/lib.rs", "12"),
            ("src/deep/er/x.rs", ""),
            ("src/.cache", ""),
            ("src/.gitignore", "gen.rs"),
            ("src/gen.rs", ""),
            ("target/debug/x.rs", ""),
            ("target/y.rs", ""),
            ("we\\ird", ""),
        ]);
        fixture.link("link.rs", "src/lib.rs");
        fixture.link("link-dir", "src");
        fixture
    }

    fn paths(page: &ListPage) -> Vec<&str> {
        page.entries.iter().map(|entry| entry.path.as_str()).collect()
    }

    #[test]
    fn listings_hold_what_is_shown_and_nothing_else() {
        let fixture = fixture();
        let cases: [(&str, Option<&str>, u32, &[&str]); 13] = [
            ("", None, 1, &["Cargo.toml", "keep.log", "src"]),
            (".", None, 0, &["Cargo.toml", "keep.log", "src"]),
            ("", None, u32::MAX, &["Cargo.toml", "keep.log", "src", "src/deep", "src/deep/er", "src/deep/er/x.rs", "src/lib.rs"]),
            ("src", None, 1, &["src/deep", "src/lib.rs"]),
            ("link-dir", None, 1, &["src/deep", "src/lib.rs"]),
            ("src", None, 2, &["src/deep", "src/deep/er", "src/lib.rs"]),
            ("", Some("*.rs"), 9, &["src/deep/er/x.rs", "src/lib.rs"]),
            ("", Some("*.rs"), 2, &["src/lib.rs"]),
            ("", Some("src/*"), 9, &["src/deep", "src/lib.rs"]),
            ("", Some("!src/**"), 9, &["Cargo.toml", "keep.log", "src"]),
            // A glob cannot bring back what is ignored.
            ("", Some("*.log"), 9, &["keep.log"]),
            ("", Some("target/**"), 9, &[]),
            (".github", None, 1, &[".github/ci.yml"]),
        ];
        for (dir, glob, depth, expected) in cases {
            let page = list(&fixture.tree, dir, glob, depth, ALL).expect(dir);
            assert_eq!(paths(&page), expected, "{dir} {glob:?} {depth}");
            assert_eq!(page.total, expected.len() as u64);
        }
    }

    #[test]
    fn entries_say_what_they_are() {
        let page = list(&fixture().tree, "", None, 1, ALL).expect("it can be listed");
        let shown: Vec<_> = page.entries.iter().map(|entry| (entry.kind, entry.bytes)).collect();
        let (file, dir) = (EntryKind::File, EntryKind::Dir);
        assert_eq!(shown, [(file, Some(4)), (file, Some(0)), (dir, None)]);
    }

    #[test]
    fn pages_join_up_to_the_whole() {
        let fixture = fixture();
        let whole = list(&fixture.tree, "", None, 9, ALL).expect("it can be listed");
        for limit in [0, 1, 2, 3, 100] {
            let mut joined = Vec::new();
            let mut next = Some(0);
            while let Some(offset) = next {
                let page = list(&fixture.tree, "", None, 9, Page { offset, limit }).expect("a page");
                next = page.next_offset;
                joined.extend(page.entries);
            }
            assert_eq!(joined, whole.entries, "{limit}");
        }
        let past = list(&fixture.tree, "", None, 9, Page { offset: u64::MAX, limit: 1 }).expect("a page");
        assert_eq!((past.entries.len(), past.total, past.next_offset), (0, 7, None));
    }

    #[test]
    fn other_directories_are_refused_with_advice() {
        let fixture = fixture();
        for (dir, glob, complaint) in [
            ("target", None, "`target` is ignored by git"),
            ("target/debug", None, "`target/debug` is ignored by git"),
            ("Cargo.toml", None, "is not a directory"),
            ("nothing", None, "does not exist"),
            (".git", None, "part of `.git`"),
            ("..", None, "leaves the source tree"),
            ("", Some("[a"), "the glob `[a` is not valid"),
        ] {
            let error = list(&fixture.tree, dir, glob, 1, ALL).expect_err(dir).to_string();
            assert!(error.contains(complaint), "{dir}: {error}");
        }
    }

    #[test]
    fn rules_above_the_root_count_only_in_a_repository() {
        let fixture = fixture();
        let rules = fixture.outside(".gitignore");
        std::fs::write(rules, "Cargo.toml").expect("it can be written");
        let listed = |fixture: &Fixture| list(&fixture.tree, "", Some("Cargo.toml"), 1, ALL).expect("a page").total;

        // Here the root is a repository of its own.
        assert_eq!(listed(&fixture), 1);
        std::fs::remove_dir_all(fixture.tree.root().join(".git")).expect("it exists");
        assert_eq!(listed(&fixture), 1, "there is no repository at all");
        std::fs::create_dir(fixture.outside(".git")).expect("it is new");
        assert_eq!(listed(&fixture), 0, "the repository starts above the root");
    }
}
