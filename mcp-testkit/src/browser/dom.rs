//! A document as a tree: what html5ever parsed, in one list of nodes.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeBuilderOpts, TreeSink};
use html5ever::{Attribute, ExpandedName, ParseOpts, QualName, parse_document};

/// The place of a node in its document.
pub(crate) type NodeId = usize;

#[derive(Debug)]
enum Kind {
    Element {
        name: String,
        attributes: Vec<(String, String)>,
    },
    Text(String),
    /// A document, a comment, a processing instruction.
    Other,
}

#[derive(Debug)]
struct Node {
    kind: Kind,
    parent: Option<NodeId>,
    children: Vec<NodeId>,
}

/// A parsed document. Node 0 is the document itself.
#[derive(Debug)]
pub(crate) struct Dom {
    nodes: Vec<Node>,
}

impl Dom {
    /// Parses as a browser without script does; every text is a document.
    pub(crate) fn parse(html: &str) -> Self {
        let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
        let sink = Sink(RefCell::new(Self { nodes: vec![Node { kind: Kind::Other, parent: None, children: Vec::new() }] }));
        parse_document(sink, ParseOpts { tree_builder, ..ParseOpts::default() }).one(html)
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

    fn add(&mut self, kind: Kind) -> NodeId {
        self.nodes.push(Node { kind, parent: None, children: Vec::new() });
        self.nodes.len() - 1
    }

    fn detach(&mut self, node: NodeId) {
        if let Some(parent) = self.nodes[node].parent.take() {
            self.nodes[parent].children.retain(|&child| child != node);
        }
    }

    /// Puts something among the children of a node; text joins the text before it.
    fn insert(&mut self, parent: NodeId, at: usize, new: NodeOrText<Handle>) {
        let node = match new {
            NodeOrText::AppendNode(handle) => {
                self.detach(handle.node);
                handle.node
            }
            NodeOrText::AppendText(text) => {
                let before = at.checked_sub(1).map(|before| self.nodes[parent].children[before]);
                if let Some(Kind::Text(before)) = before.map(|before| &mut self.nodes[before].kind) {
                    before.push_str(&text);
                    return;
                }
                self.add(Kind::Text(text.to_string()))
            }
        };
        self.nodes[node].parent = Some(parent);
        let children = &mut self.nodes[parent].children;
        children.insert(at.min(children.len()), node);
    }
}

/// What the parser knows a node by. It asks for names while it builds, which a borrowed tree could not lend.
#[derive(Clone, Debug)]
struct Handle {
    node: NodeId,
    name: Option<Rc<QualName>>,
    template: Option<NodeId>,
}

impl Handle {
    fn nameless(node: NodeId) -> Self {
        Self { node, name: None, template: None }
    }
}

struct Sink(RefCell<Dom>);

fn pairs(attributes: Vec<Attribute>) -> impl Iterator<Item = (String, String)> {
    attributes.into_iter().map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()))
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Dom;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Dom {
        self.0.into_inner()
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle::nameless(0)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.as_ref().expect("the parser asks only for names of elements").expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Handle {
        let mut dom = self.0.borrow_mut();
        let node = dom.add(Kind::Element { name: name.local.to_string(), attributes: pairs(attributes).collect() });
        // What is in a template is not part of the document, so it hangs on nothing.
        let template = flags.template.then(|| dom.add(Kind::Other));
        Handle { node, name: Some(Rc::new(name)), template }
    }

    fn create_comment(&self, _text: StrTendril) -> Handle {
        Handle::nameless(self.0.borrow_mut().add(Kind::Other))
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> Handle {
        Handle::nameless(self.0.borrow_mut().add(Kind::Other))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        let mut dom = self.0.borrow_mut();
        let end = dom.nodes[parent.node].children.len();
        dom.insert(parent.node, end, child);
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        let attached = self.0.borrow().nodes[element.node].parent.is_some();
        if attached { self.append_before_sibling(element, child) } else { self.append(previous, child) }
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        Handle::nameless(target.template.expect("the parser asks only for contents of templates"))
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.node == other.node
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, new: NodeOrText<Handle>) {
        let mut dom = self.0.borrow_mut();
        if let NodeOrText::AppendNode(handle) = &new {
            dom.detach(handle.node);
        }
        let parent = dom.nodes[sibling.node].parent.expect("a sibling has a parent");
        let at = dom.nodes[parent].children.iter().position(|&child| child == sibling.node).unwrap_or_default();
        dom.insert(parent, at, new);
    }

    fn add_attrs_if_missing(&self, target: &Handle, new: Vec<Attribute>) {
        if let Kind::Element { attributes, .. } = &mut self.0.borrow_mut().nodes[target.node].kind {
            for (name, value) in pairs(new) {
                if !attributes.iter().any(|(given, _)| *given == name) {
                    attributes.push((name, value));
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.0.borrow_mut().detach(target.node);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let mut dom = self.0.borrow_mut();
        for child in std::mem::take(&mut dom.nodes[node.node].children) {
            dom.nodes[child].parent = Some(new_parent.node);
            dom.nodes[new_parent.node].children.push(child);
        }
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
