//! Descriptions, taken from doc comments.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Expr, Meta};

use crate::types;

/// What an item or a parameter is for.
#[derive(Clone)]
pub(crate) enum Description {
    Text(String),
    /// A constant, or a macro such as `include_str!`.
    Expression(Box<Expr>),
}

impl ToTokens for Description {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Text(text) => text.to_tokens(tokens),
            Self::Expression(expression) => expression.to_tokens(tokens),
        }
    }
}

/// The doc comment among `attributes`, if it says anything.
pub(crate) fn description(attributes: &[Attribute]) -> Option<Description> {
    let mut lines = Vec::new();
    for attribute in attributes {
        let Meta::NameValue(doc) = &attribute.meta else { continue };
        if !doc.path.is_ident("doc") {
            continue;
        }
        match types::literal_text(&doc.value) {
            Some(text) => lines.extend(comment_lines(&text.value())),
            // `#[doc = include_str!("…")]`: a file says it all, or nothing does.
            None => return Some(Description::Expression(Box::new(doc.value.clone()))),
        }
    }
    let text = join(&lines);
    (!text.is_empty()).then_some(Description::Text(text))
}

/// The lines of one doc attribute, without the decoration of block comments.
fn comment_lines(text: &str) -> Vec<String> {
    let starred = text.split('\n').skip(1).all(|line| line.trim().is_empty() || line.trim_start().starts_with('*'));
    text.split('\n')
        .enumerate()
        .map(|(position, line)| {
            let line = match line.trim_start().strip_prefix('*') {
                Some(rest) if starred && position > 0 => rest,
                _ => line,
            };
            line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()
        })
        .collect()
}

/// Joins the lines of each paragraph; what Markdown reads line by line keeps its lines.
fn join(lines: &[String]) -> String {
    let mut out = String::new();
    let mut paragraph_over = false;
    let mut fenced = false;
    for line in lines {
        let fence = line.trim_start().starts_with("```");
        if line.trim().is_empty() && !fenced {
            paragraph_over = true;
            continue;
        }
        let own_line = fenced || fence || starts_a_line(line) || out.lines().last().is_some_and(ends_a_line);
        if !out.is_empty() {
            out.push_str(match (paragraph_over, own_line) {
                (true, _) => "\n\n",
                (false, true) => "\n",
                (false, false) => " ",
            });
        }
        out.push_str(if own_line { line } else { line.trim_start() });
        paragraph_over = false;
        fenced ^= fence;
    }
    out
}

/// Whether Markdown would not continue the paragraph with this line.
fn starts_a_line(line: &str) -> bool {
    let line = line.trim_start();
    let numbered = line.trim_start_matches(|digit: char| digit.is_ascii_digit());
    ["- ", "* ", "+ ", "#", "|", ">"].iter().any(|marker| line.starts_with(marker))
        || (numbered.len() < line.len() && (numbered.starts_with(". ") || numbered.starts_with(") ")))
}

/// Whether Markdown would not continue this line with the next.
fn ends_a_line(line: &str) -> bool {
    line.starts_with('#') || line.starts_with('|') || line.trim_start().starts_with("```")
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::parse::Parser as _;

    use super::*;

    fn check(comment: TokenStream, expected: Option<&str>) {
        let attributes = Attribute::parse_outer.parse2(comment).expect("the case is a comment");
        let text = description(&attributes).map(|description| match description {
            Description::Text(text) => text,
            Description::Expression(expression) => expression.to_token_stream().to_string(),
        });
        assert_eq!(text.as_deref(), expected);
    }

    #[test]
    fn paragraphs_are_joined_and_kept_apart() {
        check(
            quote! {
                /// Searches the tree
                /// for a pattern.
                ///
                ///
                /// Slow on large trees.
            },
            Some("Searches the tree for a pattern.\n\nSlow on large trees."),
        );
    }

    #[test]
    fn lists_and_code_keep_their_lines() {
        check(
            quote! {
                /// Modes:
                /// - fast, which
                ///   guesses
                /// - slow
                ///
                /// ```text
                /// a
                ///
                ///   b
                /// ```
                /// End.
            },
            Some("Modes:\n- fast, which guesses\n- slow\n\n```text\na\n\n  b\n```\nEnd."),
        );
    }

    #[test]
    fn block_comments_lose_their_stars() {
        check(quote!(#[doc = "* One\n * two.\n *\n * Three. "]), Some("* One two.\n\nThree."));
    }

    #[test]
    fn nothing_said_is_no_description() {
        check(quote!(), None);
        check(quote!(#[doc = "  "] #[doc(hidden)]), None);
    }

    #[test]
    fn a_file_may_say_it() {
        check(quote!(#[doc = include_str!("x.md")]), Some("include_str ! (\"x.md\")"));
    }
}
