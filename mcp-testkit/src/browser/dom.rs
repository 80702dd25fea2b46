//! A document as a tree: what html5ever parsed, in one list of nodes.

use html5ever::tendril::TendrilSink as _;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};

use super::sink::Sink;

/// The place of a node in its document.
pub(crate) type NodeId = usize;

#[derive(Debug)]
pub(super) enum Kind {
    Element {
        name: String,
        attributes: Vec<(String, String)>,
    },
    Text(String),
    /// A document, a comment, a processing instruction.
    Other,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) parent: Option<NodeId>,
    pub(super) children: Vec<NodeId>,
}

/// A parsed document. Node 0 is the document itself.
#[derive(Debug)]
pub(crate) struct Dom {
    pub(super) nodes: Vec<Node>,
}

impl Dom {
    /// Parses as a browser without script does; every text is a document.
    pub(crate) fn parse(html: &str) -> Self {
        let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
        let mut empty = Self { nodes: Vec::new() };
        empty.add(Kind::Other);
        parse_document(Sink::new(empty), ParseOpts { tree_builder, ..ParseOpts::default() }).one(html)
    }

    /// Every node below a node, in the order of the document.
    pub(crate) fn below(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let mut open: Vec<NodeId> = self.children(node).iter().rev().copied().collect();
        std::iter::from_fn(move || {
            let next = open.pop()?;
            open.extend(self.children(next).iter().rev());
            Some(next)
        })
    }

    /// The elements of these names in the whole document.
    pub(crate) fn elements(&self, names: &[&str]) -> impl Iterator<Item = NodeId> {
        self.below(0).filter(move |&node| names.contains(&self.name(node)))
    }

    /// The contents of the `meta` elements that have an attribute of this value.
    pub(crate) fn metas(&self, attribute: &str, value: &str) -> impl Iterator<Item = &str> {
        let is_it = move |&meta: &NodeId| self.attribute(meta, attribute).is_some_and(|given| given.trim().eq_ignore_ascii_case(value));
        self.elements(&["meta"]).filter(is_it).filter_map(|meta| self.attribute(meta, "content"))
    }

    pub(crate) fn children(&self, node: NodeId) -> &[NodeId] {
        &self.nodes[node].children
    }

    /// A node's ancestors, the nearest first.
    pub(crate) fn above(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.nodes[node].parent, |&node| self.nodes[node].parent)
    }

    /// The name of an element, or nothing.
    pub(crate) fn name(&self, node: NodeId) -> &str {
        match &self.nodes[node].kind {
            Kind::Element { name, .. } => name,
            _ => "",
        }
    }

    /// The text of a text node.
    pub(crate) fn own_text(&self, node: NodeId) -> Option<&str> {
        match &self.nodes[node].kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn attribute(&self, node: NodeId, name: &str) -> Option<&str> {
        match &self.nodes[node].kind {
            Kind::Element { attributes, .. } => attributes.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str()),
            _ => None,
        }
    }

    pub(crate) fn has(&self, node: NodeId, attribute: &str) -> bool {
        self.attribute(node, attribute).is_some()
    }

    /// All text below a node, visible or not, as it was written.
    pub(crate) fn raw_text(&self, node: NodeId) -> String {
        self.below(node).filter_map(|node| self.own_text(node)).collect()
    }

    pub(super) fn add(&mut self, kind: Kind) -> NodeId {
        self.nodes.push(Node { kind, parent: None, children: Vec::new() });
        self.nodes.len() - 1
    }

    pub(super) fn detach(&mut self, node: NodeId) {
        if let Some(parent) = self.nodes[node].parent.take() {
            self.nodes[parent].children.retain(|&child| child != node);
        }
    }

    /// Puts a node among the children of another.
    pub(super) fn insert(&mut self, parent: NodeId, at: usize, node: NodeId) {
        self.nodes[node].parent = Some(parent);
        let children = &mut self.nodes[parent].children;
        children.insert(at.min(children.len()), node);
    }

    /// Puts text among the children of a node; it joins the text before it.
    pub(super) fn insert_text(&mut self, parent: NodeId, at: usize, text: &str) {
        let before = at.checked_sub(1).map(|before| self.nodes[parent].children[before]);
        if let Some(Kind::Text(before)) = before.map(|before| &mut self.nodes[before].kind) {
            before.push_str(text);
            return;
        }
        let node = self.add(Kind::Text(text.to_owned()));
        self.insert(parent, at, node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(dom: &Dom, node: NodeId) -> String {
        let inside: String = dom.children(node).iter().map(|&child| shape(dom, child)).collect();
        match dom.own_text(node) {
            Some(text) => text.to_owned(),
            None if dom.name(node).is_empty() => inside,
            None => format!("{}({inside})", dom.name(node)),
        }
    }

    #[test]
    fn documents_are_parsed_as_browsers_parse_them() {
        for (html, expected) in [
            ("<p>a<p>b", "html(head()body(p(a)p(b)))"),
            ("<table><tr><td>x</table>", "html(head()body(table(tbody(tr(td(x))))))"),
            ("<table>y<tr></table>", "html(head()body(ytable(tbody(tr()))))"),
            ("<b>1<p>2</b>3</p>", "html(head()body(b(1)p(b(2)3)))"),
            ("<body><noscript><b>n</b></noscript><!-- c -->t", "html(head()body(noscript(b(n))t))"),
            ("<template><p>no</template>a&amp;b", "html(head(template())body(a&b))"),
        ] {
            assert_eq!(shape(&Dom::parse(html), 0), expected, "{html}");
        }
        let dom = Dom::parse("<html lang=en><body class=a><body class=b id=c>");
        let body = dom.elements(&["body"]).next().expect("a body");
        assert_eq!((dom.attribute(body, "class"), dom.attribute(body, "id"), dom.above(body).count()), (Some("a"), Some("c"), 2));
    }
}
