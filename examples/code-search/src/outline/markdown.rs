//! Markdown headings.

use super::Declaration;

/// Finds the headings, outside of code blocks and front matter.
pub(super) fn headings(text: &str) -> Vec<Declaration> {
    let mut found = Vec::new();
    let mut levels: Vec<usize> = Vec::new();
    let mut fence: Option<&str> = None;
    let mut previous = "";
    for (number, line) in text.lines().enumerate().skip(front_matter(text)) {
        let content = line.trim_start();
        if let Some(open) = fence {
            if content.starts_with(open) && content.trim_end().trim_start_matches(&open[..1]).is_empty() {
                fence = None;
            }
            continue;
        }
        fence = opening_fence(content);
        let indented = line.len() - content.len() > 3;
        let heading = if indented || fence.is_some() {
            None
        } else {
            hashed(content)
                .map(|(level, title)| (number + 1, level, title))
                .or_else(|| underlined(previous, content).map(|(level, title)| (number, level, title)))
        };
        if let Some((line, level, title)) = heading {
            while levels.pop_if(|above| *above >= level).is_some() {}
            found.push(Declaration::new(line, "heading", title, levels.len()));
            levels.push(level);
        }
        let starts_text = heading.is_none() && !indented && fence.is_none();
        previous = if starts_text { content } else { "" };
    }
    found
}

/// How many lines the metadata at the top takes.
fn front_matter(text: &str) -> usize {
    let mut lines = text.lines();
    if lines.next() != Some("---") {
        return 0;
    }
    lines.position(|line| line == "---").map_or(0, |length| length + 2)
}

/// The fence that opens a code block, as much of it as closes the block again.
fn opening_fence(content: &str) -> Option<&str> {
    let mark = content.chars().next().filter(|first| matches!(first, '`' | '~'))?;
    let length = content.len() - content.trim_start_matches(mark).len();
    let inline = mark == '`' && content[length..].contains('`');
    (length >= 3 && !inline).then(|| &content[..length])
}

/// `## Title` or `## Title ##`.
fn hashed(content: &str) -> Option<(usize, &str)> {
    let title = content.trim_start_matches('#');
    let level = content.len() - title.len();
    let spaced = title.is_empty() || title.starts_with([' ', '\t']);
    if !(1..=6).contains(&level) || !spaced {
        return None;
    }
    let title = title.trim();
    let closed = title.trim_end_matches('#');
    Some((level, if closed.is_empty() || closed.ends_with(' ') { closed.trim() } else { title }))
}

/// A line of text with `===` or `---` under it.
fn underlined<'a>(previous: &'a str, content: &str) -> Option<(usize, &'a str)> {
    let underline = content.trim_end();
    let level = match underline.chars().next()? {
        '=' if underline.trim_start_matches('=').is_empty() => 1,
        '-' if underline.trim_start_matches('-').is_empty() => 2,
        _ => return None,
    };
    let is_text = !previous.trim().is_empty()
        && !previous.starts_with(['>', '|', '<', '#'])
        && !["- ", "* ", "+ "].iter().any(|bullet| previous.starts_with(bullet));
    is_text.then_some((level, previous.trim()))
}
