//! Searches in small trees.

use crate::fixture::Fixture;

use super::*;

const ALL: Page = Page { offset: 0, limit: MAX_MATCHES };

fn query(pattern: &str) -> SearchQuery {
    SearchQuery { pattern: pattern.to_owned(), ..SearchQuery::default() }
}

fn page(fixture: &Fixture, query: &SearchQuery, page: Page) -> SearchPage {
    search(&fixture.tree, query, page, &mut |_| ControlFlow::Continue(())).expect("it can be searched")
}

/// The matches as `path:line:text`.
fn found(page: &SearchPage) -> Vec<String> {
    page.matches.iter().map(|found| format!("{}:{}:{}", found.path, found.line, found.text)).collect()
}

#[test]
fn matches_come_in_order_from_what_is_shown() {
    let fixture = Fixture::new(&[
        (".gitignore", &b"ignored.rs\n/target/\n"[..]),
        (".hidden.rs", b"needle"),
        (".git/config", b"needle"),
        ("ignored.rs", b"needle"),
        ("target/x.rs", b"needle"),
        ("b.rs", b"x\nneedle 1\n\nNEEDLE 2"),
        ("a/z.md", b"needle 3\r\nneedle 4\r\n"),
        ("a.rs", b"\xef\xbb\xbfneedle 5"),
        ("latin1", b"caf\xe9 needle 6"),
        ("binary", b"needle\0"),
        ("empty", b""),
    ]);
    fixture.link("link.rs", "b.rs");
    let insensitive = SearchQuery { case_insensitive: true, ..query("needle") };
    let globbed = SearchQuery { glob: Some("*.rs".to_owned()), ..query("needle") };
    let ignored = SearchQuery { glob: Some("ignored.rs".to_owned()), ..query("needle") };
    let cases: [(SearchQuery, &[&str]); 10] = [
        (
            query("needle"),
            &["a.rs:1:needle 5", "a/z.md:1:needle 3", "a/z.md:2:needle 4", "b.rs:2:needle 1", "latin1:1:caf\u{fffd} needle 6"],
        ),
        (
            insensitive,
            &[
                "a.rs:1:needle 5",
                "a/z.md:1:needle 3",
                "a/z.md:2:needle 4",
                "b.rs:2:needle 1",
                "b.rs:4:NEEDLE 2",
                "latin1:1:caf\u{fffd} needle 6",
            ],
        ),
        (globbed, &["a.rs:1:needle 5", "b.rs:2:needle 1"]),
        (ignored, &[]),
        (query("^needle [345]$"), &["a.rs:1:needle 5", "a/z.md:1:needle 3", "a/z.md:2:needle 4"]),
        (
            query(r"\d$"),
            &[
                "a.rs:1:needle 5",
                "a/z.md:1:needle 3",
                "a/z.md:2:needle 4",
                "b.rs:2:needle 1",
                "b.rs:4:NEEDLE 2",
                "latin1:1:caf\u{fffd} needle 6",
            ],
        ),
        (query("^x$"), &["b.rs:1:x"]),
        (query("^$"), &["b.rs:3:"]),
        (query(r"x\s+needle"), &[]),
        (query("absent"), &[]),
    ];
    for (query, expected) in cases {
        let page = page(&fixture, &query, ALL);
        assert_eq!(found(&page), expected, "{query:?}");
        assert_eq!(page.next_offset, None);
        assert_eq!(page.files_skipped, 0);
    }
    assert_eq!(page(&fixture, &query("needle"), ALL).files_searched, 5);
}

/// The lines before a match, and those after it.
type Around<'a> = (&'a [&'a str], &'a [&'a str]);

#[test]
fn context_is_the_lines_around() {
    let fixture = Fixture::new(&[("f", "1\r\n2\r\nm 3\nm 4\n\n6")]);
    let cases: [(u8, [Around<'_>; 2]); 3] = [
        (0, [(&[], &[]), (&[], &[])]),
        (1, [(&["2"], &["m 4"]), (&["m 3"], &[""])]),
        (200, [(&["1", "2"], &["m 4", "", "6"]), (&["1", "2", "m 3"], &["", "6"])]),
    ];
    for (context, expected) in cases {
        let page = page(&fixture, &SearchQuery { context, ..query("m") }, ALL);
        assert_eq!(page.matches.len(), 2);
        for (found, (before, after)) in page.matches.iter().zip(expected) {
            assert_eq!((found.before.as_slice(), found.after.as_slice()), (&*to_owned(before), &*to_owned(after)));
        }
    }
    let many = Fixture::new(&[("f", format!("{0}m\n{0}", "x\n".repeat(50)))]);
    let page = page(&many, &SearchQuery { context: u8::MAX, ..query("m") }, ALL);
    assert_eq!((page.matches[0].before.len(), page.matches[0].after.len()), (10, 10));
}

fn to_owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn long_lines_show_the_part_that_matches() {
    let long = format!("{}needle{}", "é".repeat(100_000), "ü".repeat(100_000));
    let fixture = Fixture::new(&[("f", format!("{long}\n{long}"))]);
    let page = page(&fixture, &SearchQuery { context: 1, ..query("needle") }, ALL);
    assert_eq!(page.matches.len(), 2);
    for found in &page.matches {
        assert!(found.text.contains("needle") && found.text.chars().count() <= MAX_LINE_CHARS);
        assert!(found.text.starts_with('…') && found.text.ends_with('…'));
    }
    assert_eq!(page.matches[0].after[0].chars().count(), MAX_LINE_CHARS);
}

#[test]
fn pages_join_up_to_the_whole() {
    let fixture = Fixture::new(&[("a", "m\nm\nm\n"), ("b", "m\n"), ("c", "x\n"), ("d", "m\nm\n")]);
    let whole = page(&fixture, &query("m"), ALL);
    assert_eq!((whole.matches.len(), whole.next_offset), (6, None));
    for limit in [0, 1, 2, 3, 5, 6, 7] {
        let mut joined = Vec::new();
        let mut next = Some(0);
        while let Some(offset) = next {
            let page = page(&fixture, &query("m"), Page { offset, limit });
            next = page.next_offset;
            assert!(!page.matches.is_empty());
            joined.extend(page.matches);
        }
        assert_eq!(joined, whole.matches, "{limit}");
    }
    let past = page(&fixture, &query("m"), Page { offset: u64::MAX, limit: 1 });
    assert_eq!((past.matches.len(), past.next_offset), (0, None));
}

#[test]
fn a_page_is_bounded_however_much_matches() {
    let line = format!("{}\n", "m".repeat(MAX_LINE_CHARS));
    let fixture = Fixture::new(&[("f", line.repeat(2_000)), ("short", "m\n".repeat(2_000))]);
    let by_count = page(&fixture, &query("^m$"), Page { offset: 0, limit: u32::MAX });
    assert_eq!((by_count.matches.len(), by_count.next_offset), (500, Some(500)));

    let by_size = page(&fixture, &SearchQuery { context: 10, ..query("m") }, ALL);
    let shown: usize = by_size.matches.iter().map(Match::bytes).sum();
    assert!(shown < MAX_PAGE_BYTES + 21 * MAX_LINE_CHARS + 1, "{shown}");
    assert_eq!(by_size.next_offset, Some(by_size.matches.len() as u64));
}

#[test]
fn large_and_unreadable_files_are_counted() {
    let large = vec![b'm'; usize::try_from(SEARCHABLE.bytes).expect("it fits") + 1];
    let fixture = Fixture::new(&[("large", large), ("small", b"m".to_vec())]);
    let page = page(&fixture, &query("m"), ALL);
    assert_eq!((page.matches.len(), page.files_searched, page.files_skipped), (1, 1, 1));
}

#[test]
fn a_bad_query_is_quoted_with_the_reason() {
    let fixture = Fixture::new(&[("f", "x")]);
    let too_big = "\\w{1000}".repeat(20);
    for (pattern, glob, message) in [
        ("", None, "the pattern `` is not a valid regular expression: it is empty and would match every line"),
        ("(a", None, "the pattern `(a` is not a valid regular expression: unclosed group"),
        ("a\n(", None, "the pattern `a\\n(` is not a valid regular expression: unclosed group"),
        (
            "a(?=b)",
            None,
            "the pattern `a(?=b)` is not a valid regular expression: look-around, including look-ahead and look-behind, is not supported",
        ),
        ("a\\nb", None, "the pattern `a\\nb` is not a valid regular expression: a match cannot span lines, so it must not contain `\\n`"),
        (&too_big, None, "compiled regex exceeds size limit of 524288"),
        (
            "x",
            Some("{a"),
            "the glob `{a` is not valid: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?); globs look like `*.rs` or `src/**/*.md`",
        ),
    ] {
        let query = SearchQuery { glob: glob.map(str::to_owned), ..query(pattern) };
        let error = search(&fixture.tree, &query, ALL, &mut |_| ControlFlow::Continue(())).expect_err(pattern);
        let error = error.to_string();
        assert!(error.ends_with(message) && error.lines().count() == 1, "{error}");
    }
}

#[test]
fn progress_reaches_the_total_and_may_stop_the_search() {
    let files: Vec<(String, &str)> = (0..40).map(|number| (format!("{number}"), "m")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let fixture = Fixture::new(&files);

    let mut seen = Vec::new();
    let mut note = |progress: Progress| {
        seen.push((progress.done, progress.total));
        ControlFlow::Continue(())
    };
    search(&fixture.tree, &query("m"), ALL, &mut note).expect("it can be searched");
    assert_eq!(seen, [(0, 40), (16, 40), (32, 40), (40, 40)]);

    let mut asked = 0;
    let mut stop = |_| {
        asked += 1;
        if asked == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let stopped = search(&fixture.tree, &query("m"), ALL, &mut stop);
    assert!(matches!(stopped, Err(TreeError::Stopped)));
    assert_eq!(asked, 2);
}
