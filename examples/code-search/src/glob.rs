//! Globs that narrow a search or a listing.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::{error::TreeError, path::RelativePath, quoted::Quoted};

/// A glob in the syntax of `.gitignore`, deciding which paths to keep.
///
/// Without a slash it matches names at any depth; with one it matches whole
/// paths from the root. `src/` keeps everything below `src`, and a leading `!`
/// keeps what the rest does not match. It only ever narrows: an ignored file
/// stays ignored however it is asked for.
#[derive(Debug)]
pub(crate) struct Glob {
    /// Nothing, if everything is kept.
    matcher: Option<Gitignore>,
    negated: bool,
}

impl Glob {
    /// Compiles a client's glob; none and an empty one keep everything.
    pub(crate) fn compile(text: Option<&str>) -> Result<Self, TreeError> {
        let text = text.map(str::trim).unwrap_or_default();
        let (negated, pattern) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if pattern.is_empty() {
            return Ok(Self { matcher: None, negated: false });
        }
        let bad = |error: ignore::Error| TreeError::BadGlob { glob: Quoted::new(text), reason: reason(&error) };
        let mut builder = GitignoreBuilder::new("");
        builder.allow_unclosed_class(false).add_line(None, &as_ignore_line(pattern)).map_err(bad)?;
        Ok(Self { matcher: Some(builder.build().map_err(bad)?), negated })
    }

    /// Whether the entry at `path` is kept.
    pub(crate) fn keeps(&self, path: &RelativePath, is_dir: bool) -> bool {
        match &self.matcher {
            None => true,
            Some(matcher) => matcher.matched(path.as_path(), is_dir).is_ignore() != self.negated,
        }
    }
}

/// Writes the glob so that every character of it is read as a glob.
fn as_ignore_line(pattern: &str) -> String {
    let escape = if pattern.starts_with(['#', '!']) { "\\" } else { "" };
    let below = if pattern.ends_with('/') { "**" } else { "" };
    format!("{escape}{}{below}", pattern.strip_prefix("./").unwrap_or(pattern))
}

/// The parser's complaint without the glob, which the error already quotes.
fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err.lines().collect::<Vec<_>>().join(" "),
        _ => "it cannot be parsed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_keep_what_they_say() {
        const PATHS: [&str; 6] = ["README.md", "src/a.rs", "src/b/c.rs", "src/b/d.py", "docs/src/e.rs", "#x"];
        let cases: [(&str, &[&str]); 13] = [
            ("", &PATHS),
            (" ", &PATHS),
            ("*.rs", &["src/a.rs", "src/b/c.rs", "docs/src/e.rs"]),
            ("**/*.rs", &["src/a.rs", "src/b/c.rs", "docs/src/e.rs"]),
            ("*.{py,md}", &["README.md", "src/b/d.py"]),
            ("src/*", &["src/a.rs"]),
            ("./src/*", &["src/a.rs"]),
            ("src/**", &["src/a.rs", "src/b/c.rs", "src/b/d.py"]),
            ("src/", &["src/a.rs", "src/b/c.rs", "src/b/d.py"]),
            ("/README.md", &["README.md"]),
            ("!*.rs", &["README.md", "src/b/d.py", "#x"]),
            ("#x", &["#x"]),
            ("*.RS", &[]),
        ];
        for (glob, kept) in cases {
            let filter = Glob::compile(Some(glob)).expect(glob);
            let keeps = |path: &&str| filter.keeps(&RelativePath::parse(path).expect(path), false);
            assert_eq!(PATHS.into_iter().filter(keeps).collect::<Vec<_>>(), kept, "{glob}");
        }
        assert!(Glob::compile(None).expect("no glob").matcher.is_none());
    }

    #[test]
    fn a_bad_glob_is_quoted_with_the_reason() {
        let cases = [
            ("src/[a", "unclosed character class; missing ']'"),
            ("{a,b", "unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)"),
            ("[z-a]", "invalid range; 'z' > 'a'"),
        ];
        for (glob, reason) in cases {
            assert_eq!(
                Glob::compile(Some(glob)).expect_err(glob).to_string(),
                format!("the glob `{glob}` is not valid: {reason}; globs look like `*.rs` or `src/**/*.md`"),
            );
        }
    }
}
