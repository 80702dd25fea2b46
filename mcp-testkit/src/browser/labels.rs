//! What a control is called, for people who see it and for those who have it read to them.

use super::dom::{Dom, NodeId};

impl Dom {
    /// The element with this id.
    pub(super) fn by_id(&self, id: &str) -> Option<NodeId> {
        self.below(0).find(|&node| self.attribute(node, "id") == Some(id))
    }

    /// The name of a control, a button or a link; empty if it has none.
    ///
    /// A placeholder is no name: it is gone as soon as something is typed.
    pub(super) fn name_of(&self, node: NodeId) -> String {
        let referenced = self.attribute(node, "aria-labelledby").map(|ids| {
            let texts = ids.split_ascii_whitespace().filter_map(|id| self.by_id(id)).map(|labelling| self.line(labelling));
            texts.collect::<Vec<_>>().join(" ")
        });
        let given = |attribute| self.attribute(node, attribute).map(|name| name.trim().to_owned());
        let names = [referenced, given("aria-label"), self.label(node), self.content(node), given("title")];
        names.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or_default()
    }

    /// The text of the `label` elements of a control.
    fn label(&self, node: NodeId) -> Option<String> {
        if !matches!(self.name(node), "input" | "select" | "textarea") {
            return None;
        }
        let around = self.above(node).filter(|&above| self.name(above) == "label" && !self.has(above, "for"));
        let id = self.attribute(node, "id");
        let pointing = self.elements(&["label"]).filter(|&label| id.is_some() && self.attribute(label, "for") == id);
        Some(pointing.chain(around).map(|label| self.line(label)).collect::<Vec<_>>().join(" "))
    }

    /// What is written on a button or a link.
    fn content(&self, node: NodeId) -> Option<String> {
        match (self.name(node), self.attribute(node, "type").map(str::to_ascii_lowercase).as_deref()) {
            ("button" | "a" | "summary", _) => {
                let text = self.line(node);
                let images = self.below(node).filter(|&inside| self.name(inside) == "img").filter_map(|image| self.attribute(image, "alt"));
                Some(if text.is_empty() { images.collect::<Vec<_>>().join(" ") } else { text })
            }
            ("input", Some(kind @ ("submit" | "reset"))) => {
                let default = if kind == "submit" { "Submit" } else { "Reset" };
                Some(self.attribute(node, "value").unwrap_or(default).to_owned())
            }
            ("input", Some("button")) => self.attribute(node, "value").map(str::to_owned),
            ("input", Some("image")) => self.attribute(node, "alt").map(str::to_owned),
            _ => None,
        }
    }
}
