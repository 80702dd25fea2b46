//! Searching the tree for a regular expression.

use std::{io, ops::ControlFlow};

use grep_matcher::{LineTerminator, Matcher as _};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{Searcher, SearcherBuilder, Sink, SinkMatch};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    error::TreeError,
    glob::Glob,
    open::{Limit, load},
    page::Page,
    path::RelativePath,
    progress::{Pace, Progress},
    quoted::Quoted,
    text,
    tree::SourceTree,
    walk::walk,
};

/// Most characters shown of one line.
const MAX_LINE_CHARS: usize = 400;

/// Most matches on one page, however many are asked for.
const MAX_MATCHES: u32 = 500;

/// Most lines shown on each side of a match.
const MAX_CONTEXT: u8 = 10;

/// A page ends early once it shows this much text.
const MAX_PAGE_BYTES: usize = 256 * 1024;

/// Bounds the memory of a compiled pattern; larger ones are refused.
const MAX_PATTERN_MEMORY: usize = 512 * 1024;

/// Larger files are generated or data, and are counted instead of searched.
const SEARCHABLE: Limit = Limit { bytes: 8 * 1024 * 1024, instead: "search a smaller file" };

/// What to look for, and where.
#[derive(Debug, Clone, Default)]
pub struct SearchQuery {
    /// A regular expression in the syntax of Rust's `regex` crate, matched
    /// against each line.
    pub pattern: String,
    /// Whether `a` also matches `A`.
    pub case_insensitive: bool,
    /// Which files to search, in the syntax of `.gitignore`: `*.rs`,
    /// `src/**/*.md`, `docs/`, or `!*.lock` for all others.
    pub glob: Option<String>,
    /// How many lines to show on each side of a match, at most ten.
    pub context: u8,
}

/// One page of the lines that match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SearchPage {
    /// The lines that match, in order of path and then of line.
    pub matches: Vec<Match>,
    /// The offset to ask for next; absent when there are no more matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_offset: Option<u64>,
    /// How many text files were searched to fill this page.
    pub files_searched: u64,
    /// How many files were passed over because they are too large or unreadable.
    pub files_skipped: u64,
}

/// A line that matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Match {
    /// The file, relative to the root of the tree.
    pub path: String,
    /// The number of the line; the first is 1.
    pub line: u64,
    /// The line, or the part of a long one around the match, with `…` where it
    /// was cut.
    pub text: String,
    /// The lines before it, if context was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// The lines after it, if context was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
}

/// Finds the lines that match, one page of them.
///
/// Files are searched in order of path, so the same query gives the same pages
/// for as long as the tree stays the same. Binary files are passed over, and so
/// is everything that a listing does not show. `progress` hears how far the
/// search has come every so many files and may stop it; it is not asked while
/// the files are being found, which takes far less time than searching them.
///
/// # Errors
/// [`TreeError::BadPattern`] and [`TreeError::BadGlob`] before anything is read,
/// and [`TreeError::Stopped`] if `progress` asked for that.
pub fn search(
    tree: &SourceTree,
    query: &SearchQuery,
    page: Page,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<SearchPage, TreeError> {
    let matcher = compile(query)?;
    let mut entries = walk(tree, &RelativePath::root(), None, &Glob::compile(query.glob.as_deref())?)?;
    entries.retain(|entry| !entry.is_dir);

    let mut searcher = SearcherBuilder::new().line_terminator(LineTerminator::crlf()).bom_sniffing(false).build();
    let mut pace = Pace::start(entries.len(), progress)?;
    let mut answer = Answer::new(page, query.context);
    let mut contents = Vec::new();
    for entry in &entries {
        match load(tree.root(), &entry.path, SEARCHABLE, &mut contents) {
            Err(_) => answer.page.files_skipped += 1,
            Ok(()) if text::is_binary(&contents) => {}
            Ok(()) => answer.search_file(&mut searcher, &matcher, &entry.path, &contents)?,
        }
        if answer.is_over() {
            break;
        }
        pace.file_done(contents.len())?;
    }
    Ok(answer.page)
}

fn compile(query: &SearchQuery) -> Result<RegexMatcher, TreeError> {
    let bad = |reason| TreeError::BadPattern { pattern: Quoted::new(&query.pattern), reason };
    if query.pattern.is_empty() {
        return Err(bad("it is empty and would match every line".to_owned()));
    }
    RegexMatcherBuilder::new()
        .case_insensitive(query.case_insensitive)
        .multi_line(true)
        .crlf(true)
        .size_limit(MAX_PATTERN_MEMORY)
        .dfa_size_limit(MAX_PATTERN_MEMORY)
        .build(&query.pattern)
        .map_err(|error| bad(reason(&error)))
}

/// The parser's complaint on one line, without its drawing of the pattern.
fn reason(error: &grep_regex::Error) -> String {
    if let grep_regex::ErrorKind::NotAllowed(_) = error.kind() {
        return "a match cannot span lines, so it must not contain `\\n`".to_owned();
    }
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// A page being filled.
struct Answer {
    page: SearchPage,
    first: u64,
    limit: usize,
    context: usize,
    /// Matches before the page, passed over so far.
    passed: u64,
    bytes: usize,
}

impl Answer {
    fn new(page: Page, context: u8) -> Self {
        Self {
            page: SearchPage::default(),
            first: page.offset,
            limit: page.limit_up_to(MAX_MATCHES),
            context: usize::from(context.min(MAX_CONTEXT)),
            passed: 0,
            bytes: 0,
        }
    }

    /// Whether a match was found that belongs on the next page.
    fn is_over(&self) -> bool {
        self.page.next_offset.is_some()
    }

    fn search_file(
        &mut self,
        searcher: &mut Searcher,
        matcher: &RegexMatcher,
        path: &RelativePath,
        contents: &[u8],
    ) -> Result<(), TreeError> {
        self.page.files_searched += 1;
        let contents = text::without_mark(contents);
        let sink = FileMatches { answer: self, matcher, path, contents };
        searcher.search_slice(matcher, contents, sink).map_err(|error| TreeError::from_io(path.as_str(), error))
    }

    /// Takes one more match, and says whether to go on looking.
    fn accept(&mut self, found: impl FnOnce(usize) -> Match) -> bool {
        if self.passed < self.first {
            self.passed += 1;
            return true;
        }
        if self.page.matches.len() == self.limit || self.bytes >= MAX_PAGE_BYTES {
            self.page.next_offset = Some(self.first + self.page.matches.len() as u64);
            return false;
        }
        let found = found(self.context);
        self.bytes += found.bytes();
        self.page.matches.push(found);
        true
    }
}

impl Match {
    fn bytes(&self) -> usize {
        let lines = self.before.iter().chain(&self.after);
        self.path.len() + self.text.len() + lines.map(String::len).sum::<usize>()
    }
}

/// Receives the matches in one file.
struct FileMatches<'a> {
    answer: &'a mut Answer,
    matcher: &'a RegexMatcher,
    path: &'a RelativePath,
    contents: &'a [u8],
}

impl Sink for FileMatches<'_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> Result<bool, io::Error> {
        let line = text::without_end(found.bytes());
        let start = usize::try_from(found.absolute_byte_offset()).map_err(io::Error::other)?;
        let (before, after) = self.contents.split_at(start);
        Ok(self.answer.accept(|context| Match {
            path: self.path.as_str().to_owned(),
            line: found.line_number().unwrap_or_default(),
            text: text::excerpt(line, place(self.matcher, line), MAX_LINE_CHARS),
            before: last_lines(before, context),
            after: text::lines(after).skip(1).take(context).map(shown).collect(),
        }))
    }
}

/// Where in the line the match is.
fn place(matcher: &RegexMatcher, line: &[u8]) -> usize {
    matcher.find(line).ok().flatten().map_or(0, |found| found.start())
}

/// The last `count` lines, first to last.
fn last_lines(contents: &[u8], count: usize) -> Vec<String> {
    let mut lines = Vec::with_capacity(count);
    let mut rest = contents;
    while lines.len() < count && !rest.is_empty() {
        let body = rest.strip_suffix(b"\n").unwrap_or(rest);
        let start = body.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        lines.push(shown(text::without_end(&rest[start..])));
        rest = &rest[..start];
    }
    lines.reverse();
    lines
}

fn shown(line: &[u8]) -> String {
    text::excerpt(line, 0, MAX_LINE_CHARS)
}

#[cfg(test)]
mod tests;
