//! What a person reads of a document.

use super::dom::{Dom, NodeId};

const UNSEEN: &[&str] = &["head", "script", "style", "template", "datalist", "select", "textarea"];

/// Elements that begin on a line of their own.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "button",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "td",
    "th",
    "tr",
    "ul",
];

impl Dom {
    /// The visible text below a node: blocks on lines of their own, white space collapsed.
    ///
    /// What style sheets hide is not known; the attribute `hidden` and inline `display:none` are.
    pub(crate) fn text(&self, node: NodeId) -> String {
        let mut whole = String::new();
        self.write(node, &mut whole);
        let lines = whole.lines().map(words).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The visible text below a node, on one line.
    pub(crate) fn line(&self, node: NodeId) -> String {
        words(&self.text(node))
    }

    fn write(&self, node: NodeId, whole: &mut String) {
        if let Some(text) = self.own_text(node) {
            // Line ends in the source are only white space.
            whole.extend(text.chars().map(|char| if char.is_ascii_whitespace() { ' ' } else { char }));
            return;
        }
        if self.is_unseen(node) {
            return;
        }
        let block = BLOCKS.contains(&self.name(node));
        whole.push_str(if block { "\n" } else { "" });
        for &child in self.children(node) {
            self.write(child, whole);
        }
        whole.push_str(if block { "\n" } else { "" });
    }

    fn is_unseen(&self, node: NodeId) -> bool {
        let style = self.attribute(node, "style").unwrap_or_default().replace(' ', "");
        UNSEEN.contains(&self.name(node)) || self.has(node, "hidden") || style.contains("display:none")
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_seen_is_read() {
        let html = "<title>t</title><style>s</style><h1>One\n two</h1><p>a <b>b</b>c<br>d<div hidden>h</div><i style='display: none'>x</i>\
            <script>y</script><ul><li>1<li>2</ul><noscript>n</noscript><button>Go</button>";
        assert_eq!(Dom::parse(html).text(0), "One two\na bc\nd\n1\n2\nn\nGo");
    }
}
