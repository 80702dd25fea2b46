//! What pages say of the things they show.

use super::{ClientLine, Consent, ScopeLine, ToolLine};

impl ClientLine {
    /// The letter that stands for a client.
    pub(super) fn initial(&self) -> String {
        self.name.chars().find(|letter| letter.is_alphanumeric()).map_or_else(|| "?".to_owned(), |letter| letter.to_uppercase().collect())
    }
}

impl Consent {
    /// What is to be used.
    pub(super) fn subject(&self) -> String {
        match self.resources.as_slice() {
            [] => "this server".to_owned(),
            [resource] => resource.clone(),
            several => counted(several.len(), "server"),
        }
    }
}

impl ScopeLine {
    /// How many tools a scope unlocks, and the worst of what they do.
    pub(super) fn summary(&self) -> String {
        let tools = counted(self.tools.len(), "tool");
        let (changing, destructive) = (self.count(|tool| !tool.read_only), self.count(|tool| tool.destructive));
        let some_of = |some: usize, what: &str| if self.tools.len() == 1 { what.to_owned() } else { format!("{some} {what}") };
        let worst = match (changing, destructive) {
            (0, 0) if self.tools.len() == 1 => "only reads".to_owned(),
            (0, 0) => "all only read".to_owned(),
            (some, 0) => some_of(some, "can change data"),
            (_, some) => some_of(some, "can destroy data"),
        };
        format!("{tools}, {worst}")
    }

    fn count(&self, which: impl Fn(&ToolLine) -> bool) -> usize {
        self.tools.iter().filter(|tool| which(tool)).count()
    }

    pub(super) fn destroys(&self) -> bool {
        self.tools.iter().any(|tool| tool.destructive)
    }
}

impl ToolLine {
    /// What a tool does to data, and the class of its badge.
    pub(super) fn effect(&self) -> (&'static str, &'static str) {
        match (self.read_only, self.destructive) {
            (_, true) => ("Can destroy data", "bad"),
            (true, false) => ("Only reads", "good"),
            (false, false) => ("Can change data", "plain"),
        }
    }

    /// What to call it.
    pub(super) fn label(&self) -> &str {
        if self.title.is_empty() { &self.name } else { &self.title }
    }
}

/// A secret in groups of four, as people type it.
pub(super) fn in_fours(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().filter(|letter| !letter.is_whitespace()).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// A number of things.
fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// The scheme of an address that opens a program, and not a page or a script (RFC 3986, section 3.1; RFC 8252, section 7.1).
pub(super) fn program_scheme(to: &str) -> Option<&str> {
    const OF_BROWSERS: [&str; 10] =
        ["about", "blob", "data", "file", "filesystem", "http", "https", "javascript", "vbscript", "view-source"];
    let (scheme, _) = to.split_once(':')?;
    let written = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let whole = to.bytes().all(|byte| byte.is_ascii_graphic());
    (written && whole && !OF_BROWSERS.iter().any(|known| known.eq_ignore_ascii_case(scheme))).then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(tools: &[(bool, bool)]) -> ScopeLine {
        let tool = |&(read_only, destructive): &(bool, bool)| ToolLine {
            name: "a".to_owned(),
            title: String::new(),
            about: String::new(),
            read_only,
            destructive,
            also: Vec::new(),
        };
        ScopeLine { name: "s".to_owned(), tools: tools.iter().map(tool).collect(), elevated: false }
    }

    #[test]
    fn a_scope_says_the_worst_of_its_tools() {
        for (tools, summary) in [
            (&[(true, false)][..], "1 tool, only reads"),
            (&[(true, false), (true, false)], "2 tools, all only read"),
            (&[(true, false), (false, false)], "2 tools, 1 can change data"),
            (&[(false, true)], "1 tool, can destroy data"),
            (&[(true, true), (true, false)], "2 tools, 1 can destroy data"),
        ] {
            assert_eq!(scope(tools).summary(), summary);
        }
    }

    #[test]
    fn secrets_are_shown_in_fours() {
        for (secret, shown) in [("", ""), ("ABCD", "ABCD"), ("ABCDEFGHIJ", "ABCD EFGH IJ"), ("AB CDE", "ABCD E"), ("ñéüß0", "ñéüß 0")]
        {
            assert_eq!(in_fours(secret), shown);
        }
    }

    #[test]
    fn only_addresses_of_programs_are_led_to() {
        for (to, scheme) in [("cursor://anysphere.cursor-mcp/oauth/callback?code=1", "cursor"), ("com.example.app:/cb", "com.example.app")]
        {
            assert_eq!(program_scheme(to), Some(scheme));
        }
        for to in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            " javascript:alert(1)",
            "java\nscript:x",
            "data:text/html,x",
            "https://a.example",
            "a b:c",
            "x:\u{0}",
            "x:y z",
            "1a:b",
            "",
            "cursor",
            ":x",
        ] {
            assert_eq!(program_scheme(to), None, "{to:?}");
        }
    }
}
