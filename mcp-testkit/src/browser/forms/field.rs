//! One control of a form.

use crate::browser::dom::{Dom, NodeId};

/// A control of a form.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Field {
    /// The name it is sent with.
    pub name: String,
    /// The type of an input in lower case, `select`, `textarea`, or `submit` for a button that sends.
    pub kind: String,
    /// What it is called on the page.
    pub label: String,
    /// Its value; of a checkbox or a radio button, what is sent when it is checked.
    pub value: String,
    /// Whether a checkbox or a radio button is checked.
    pub checked: bool,
    /// The values and texts of a select, with whether they are chosen.
    pub options: Vec<(String, String, bool)>,
    /// Whether it must be filled in.
    pub required: bool,
    /// Whether it is neither changed nor sent.
    pub disabled: bool,
    /// Whether a person cannot change it.
    pub read_only: bool,
    /// The most characters that can be typed.
    pub max_length: Option<usize>,
    pub(super) node: NodeId,
}

impl Field {
    pub(super) fn read(dom: &Dom, node: NodeId) -> Self {
        let has = |name| dom.has(node, name);
        let own = |name| dom.attribute(node, name).unwrap_or_default().to_owned();
        let kind = match dom.name(node) {
            "button" if own("type").is_empty() => "submit".to_owned(),
            "input" | "button" => own("type").to_ascii_lowercase(),
            other => other.to_owned(),
        };
        let kind = if kind.is_empty() { "text".to_owned() } else { kind };
        let is_box = kind == "checkbox" || kind == "radio";
        let value = match dom.name(node) {
            // The parser's tree keeps the line end that follows the tag, which is not part of the value.
            "textarea" => dom.raw_text(node).trim_start_matches('\n').to_owned(),
            _ if is_box && !has("value") => "on".to_owned(),
            _ => own("value"),
        };
        let in_disabled = dom.above(node).any(|above| dom.name(above) == "fieldset" && dom.has(above, "disabled"));
        let read_only = has("readonly") || kind == "hidden";
        let max_length = dom.attribute(node, "maxlength").and_then(|length| length.parse().ok());
        Self {
            name: own("name"),
            label: dom.name_of(node),
            value,
            checked: is_box && has("checked"),
            options: if kind == "select" { options(dom, node) } else { Vec::new() },
            required: has("required"),
            disabled: has("disabled") || in_disabled,
            read_only,
            max_length,
            kind,
            node,
        }
    }

    /// Whether a click on it sends the form.
    pub(super) fn sends(&self) -> bool {
        matches!(self.kind.as_str(), "submit" | "image")
    }

    /// Whether it is a button of any kind.
    pub(super) fn is_button(&self) -> bool {
        self.sends() || matches!(self.kind.as_str(), "button" | "reset")
    }

    pub(super) fn is_box(&self) -> bool {
        self.kind == "checkbox" || self.kind == "radio"
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.label == name
    }

    /// What it adds to a form that is sent by another control.
    pub(super) fn entries(&self) -> Vec<(String, String)> {
        let pair = |value: &str| (self.name.clone(), value.to_owned());
        match self.kind.as_str() {
            _ if self.disabled || self.name.is_empty() || self.is_button() => Vec::new(),
            "checkbox" | "radio" if !self.checked => Vec::new(),
            "select" => self.options.iter().filter(|(_, _, chosen)| *chosen).map(|(value, _, _)| pair(value)).collect(),
            _ => vec![pair(&self.value)],
        }
    }

    /// What it adds to a form that it sends.
    pub(super) fn own_entries(&self) -> Vec<(String, String)> {
        match self.kind.as_str() {
            "image" => {
                let prefix = if self.name.is_empty() { String::new() } else { format!("{}.", self.name) };
                ["x", "y"].iter().map(|axis| (format!("{prefix}{axis}"), "0".to_owned())).collect()
            }
            _ if self.name.is_empty() => Vec::new(),
            _ => vec![(self.name.clone(), self.value.clone())],
        }
    }

    /// Why a browser does not send a form with this in it; `checked` lists names of radio buttons of which one is checked.
    pub(super) fn complaint(&self, checked: &[&str]) -> Option<String> {
        let empty = match self.kind.as_str() {
            "checkbox" => !self.checked,
            "radio" => !checked.contains(&self.name.as_str()),
            "select" => self.options.iter().all(|(value, _, chosen)| !chosen || value.is_empty()),
            _ => self.value.is_empty(),
        };
        let called = if self.label.is_empty() { &self.name } else { &self.label };
        if self.disabled || self.read_only {
            None
        } else if self.required && empty {
            Some(format!("`{called}` must be filled in"))
        } else if self.kind == "email" && !self.value.is_empty() && !is_email(&self.value) {
            Some(format!("`{called}` must be an e-mail address"))
        } else {
            None
        }
    }
}

/// As narrow as what browsers let through, less the details (HTML Standard, section 4.10.5.1.5).
fn is_email(text: &str) -> bool {
    let allowed = |char: char| char.is_ascii_graphic() && !"\"(),:;<>[\\]".contains(char);
    text.chars().all(allowed) && text.split('@').filter(|part| !part.is_empty()).count() == 2 && text.matches('@').count() == 1
}

/// A select that lets only one be chosen always has one.
fn options(dom: &Dom, select: NodeId) -> Vec<(String, String, bool)> {
    let nodes: Vec<NodeId> = dom.below(select).filter(|&node| dom.name(node) == "option").collect();
    let text = |node| dom.raw_text(node).split_whitespace().collect::<Vec<_>>().join(" ");
    let read =
        |&node: &NodeId| (dom.attribute(node, "value").map_or_else(|| text(node), str::to_owned), text(node), dom.has(node, "selected"));
    let mut options: Vec<_> = nodes.iter().map(read).collect();
    if !dom.has(select, "multiple") {
        let last = options.iter().rposition(|(_, _, chosen)| *chosen);
        let first = nodes.iter().position(|&node| !dom.has(node, "disabled"));
        for (at, option) in options.iter_mut().enumerate() {
            option.2 = Some(at) == last.or(first);
        }
    }
    options
}
