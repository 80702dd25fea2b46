//! Building a document, as html5ever tells.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, ExpandedName, QualName};

use super::dom::{Dom, Kind, NodeId};

/// What the parser knows a node by. It asks for names while it builds, which a borrowed tree could not lend.
#[derive(Clone, Debug)]
pub(super) struct Handle {
    node: NodeId,
    name: Option<Rc<QualName>>,
    template: Option<NodeId>,
}

impl Handle {
    fn nameless(node: NodeId) -> Self {
        Self { node, name: None, template: None }
    }
}

/// A document that is being parsed.
pub(super) struct Sink(RefCell<Dom>);

impl Sink {
    pub(super) fn new(empty: Dom) -> Self {
        Self(RefCell::new(empty))
    }
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
        insert(&mut dom, parent.node, end, child);
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
        insert(&mut dom, parent, at, new);
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

fn insert(dom: &mut Dom, parent: NodeId, at: usize, new: NodeOrText<Handle>) {
    match new {
        NodeOrText::AppendNode(handle) => {
            dom.detach(handle.node);
            dom.insert(parent, at, handle.node);
        }
        NodeOrText::AppendText(text) => dom.insert_text(parent, at, &text),
    }
}

fn pairs(attributes: Vec<Attribute>) -> impl Iterator<Item = (String, String)> {
    attributes.into_iter().map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()))
}
