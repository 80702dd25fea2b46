//! Finding declarations line by line, and what each is inside of.

use regex_lite::Regex;

use super::{
    Declaration,
    mask::mask,
    rule::{Body, Code, Nesting, Place, Rule},
};

/// Declarations begin near the start of a line; the rest of a long one is data.
const MAX_LINE_BYTES: usize = 500;

/// Finds the declarations in a file.
pub(super) fn declarations(code: &Code, text: &str) -> Vec<Declaration> {
    let rules: Vec<(&Rule, Regex)> = code.rules.iter().map(|rule| (rule, rule.regex())).collect();
    let masked = mask(text, &code.syntax);
    let mut found = Vec::new();
    let mut enclosing = Enclosing { open: Vec::new(), brackets: 0 };

    // Masking keeps every line where it was, and as long as it was.
    for (number, (line, original)) in masked.lines().zip(text.lines()).enumerate() {
        let content = line.trim_start();
        if content.is_empty() {
            continue;
        }
        let indentation = line.len() - content.len();
        let level = match code.nesting {
            Nesting::Brackets => enclosing.brackets,
            // Inside brackets, indentation means nothing.
            Nesting::Indentation if enclosing.brackets > 0 => {
                enclosing.count_brackets(content);
                continue;
            }
            Nesting::Indentation => indentation,
        };
        if code.nesting == Nesting::Indentation {
            enclosing.close_at(level);
        }
        let head = &content[..content.floor_char_boundary(MAX_LINE_BYTES)];
        let original = &original[indentation..];
        if let Some((rule, name)) = first_match(&rules, &enclosing, level, head, original) {
            enclosing.close_at(level);
            if rule.body != Body::Group {
                found.push(Declaration::new(number + 1, rule.kind, &name, enclosing.depth()));
            }
            if rule.body != Body::Nothing {
                enclosing.open.push(Open { kind: rule.kind, level, body: rule.body });
            }
        }
        match code.nesting {
            Nesting::Brackets => enclosing.follow_brackets(content),
            Nesting::Indentation => enclosing.count_brackets(content),
        }
    }
    found
}

/// The first rule that fits the line, and the name as the file writes it.
fn first_match<'a>(
    rules: &[(&'a Rule, Regex)],
    enclosing: &Enclosing,
    level: usize,
    masked: &str,
    original: &str,
) -> Option<(&'a Rule, String)> {
    rules.iter().find_map(|(rule, regex)| {
        if !enclosing.allows(rule.place, level) {
            return None;
        }
        let captures = regex.captures(masked)?;
        let names = captures.iter().skip(1).flatten();
        let names: Vec<&str> = names.map(|name| original[name.range()].trim()).collect();
        Some((*rule, names.join(".")))
    })
}

/// The declarations whose bodies have not ended yet.
struct Enclosing {
    open: Vec<Open>,
    /// How many brackets of any kind are open.
    brackets: usize,
}

struct Open {
    kind: &'static str,
    /// The brackets or indentation its first line was at.
    level: usize,
    body: Body,
}

impl Enclosing {
    /// How many declarations that are shown are open.
    fn depth(&self) -> usize {
        self.open.iter().filter(|open| open.body != Body::Group).count()
    }

    fn allows(&self, place: Place, level: usize) -> bool {
        let around = self.open.iter().rfind(|open| open.level < level);
        let directly_inside = |kinds: &[&str]| around.is_some_and(|open| level == open.level + 1 && kinds.contains(&open.kind));
        match place {
            Place::Anywhere => true,
            Place::Outermost(kinds) => level == 0 || directly_inside(kinds),
            Place::Inside(kinds) => directly_inside(kinds),
        }
    }

    /// Ends what a line at `level` cannot be inside of.
    fn close_at(&mut self, level: usize) {
        while self.open.pop_if(|open| open.level >= level).is_some() {}
    }

    /// Follows the brackets of a line, ending bodies where they close.
    fn follow_brackets(&mut self, line: &str) {
        for byte in line.bytes() {
            let ends = match byte {
                b'}' => Some(Body::Block),
                b')' => Some(Body::Group),
                // A declaration without a body.
                b';' => Some(Body::Block),
                _ => None,
            };
            self.count_bracket(byte);
            let brackets = self.brackets;
            if let Some(body) = ends {
                self.open.pop_if(|open| open.body == body && open.level == brackets);
            }
        }
    }

    fn count_brackets(&mut self, line: &str) {
        line.bytes().for_each(|byte| self.count_bracket(byte));
    }

    fn count_bracket(&mut self, byte: u8) {
        match byte {
            b'(' | b'[' | b'{' => self.brackets += 1,
            b')' | b']' | b'}' => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
    }
}
