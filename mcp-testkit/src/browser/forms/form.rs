//! A form that is being filled in.

use url::Url;

use super::Field;
use crate::browser::dom::NodeId;
use crate::browser::{BrowseError, Page};

/// A form of a page. Filling it in gives the form with what was filled in; the page stays as it was.
#[derive(Clone, Debug)]
pub struct Form {
    pub(super) page: Page,
    pub(super) node: NodeId,
    /// Buttons are among them, at their places.
    pub(super) fields: Vec<Field>,
    /// Whether it was changed by what no person can do on the page.
    pub(super) forged: bool,
}

impl Form {
    pub(in crate::browser) fn read(page: &Page, node: NodeId) -> Self {
        let dom = page.dom();
        let id = dom.attribute(node, "id").filter(|id| !id.is_empty());
        let belongs = |&control: &NodeId| match dom.attribute(control, "form") {
            Some(owner) => Some(owner) == id,
            None => dom.above(control).find(|&above| dom.name(above) == "form") == Some(node),
        };
        let controls = dom.elements(&["input", "select", "textarea", "button"]).filter(belongs);
        Self { page: page.clone(), node, fields: controls.map(|control| Field::read(dom, control)).collect(), forged: false }
    }

    /// Where it is sent to, unless a button says otherwise; nothing if that is no URL.
    pub fn action(&self) -> Option<Url> {
        self.target(None)
    }

    /// `GET` or `POST`, unless a button says otherwise.
    pub fn method(&self) -> &'static str {
        self.method_of(None)
    }

    /// Its controls but the buttons, in order.
    pub fn fields(&self) -> Vec<Field> {
        self.fields.iter().filter(|field| !field.is_button()).cloned().collect()
    }

    /// What is written on the buttons that send it.
    pub fn buttons(&self) -> Vec<String> {
        self.fields.iter().filter(|field| field.sends()).map(|button| button.label.clone()).collect()
    }

    /// The value of the control with this name or label: what would be sent, if it would.
    pub fn value(&self, name: &str) -> Option<String> {
        self.fields.iter().filter(|field| field.is_called(name)).find_map(|field| Some(field.entries().into_iter().next()?.1))
    }

    /// Types into the control with this name or label, or chooses an option of a select or a radio button by its value or text.
    ///
    /// # Errors
    /// When there is no such control or option, or a person cannot change it: see [`Form::forge`].
    pub fn set(mut self, name: &str, value: &str) -> Result<Self, BrowseError> {
        let at = self.find(name, |field| field.kind != "checkbox" && !field.is_button())?;
        let field = &mut self.fields[at];
        match field.kind.as_str() {
            "radio" => {
                let group = field.name.clone();
                return self.choose(&group, value);
            }
            "select" => {
                let Some(chosen) = field.options.iter().position(|(own, text, _)| own == value || text == value) else {
                    let there = field.options.iter().map(|(_, text, _)| text.clone()).collect();
                    return Err(BrowseError::Missing { what: format!("option `{value}` of `{name}`"), there });
                };
                field.options.iter_mut().enumerate().for_each(|(at, option)| option.2 = at == chosen);
            }
            _ if field.max_length.is_some_and(|most| value.encode_utf16().count() > most) => {
                return Err(BrowseError::Refused(format!("`{name}` takes fewer characters")));
            }
            _ => field.value = value.to_owned(),
        }
        Ok(self)
    }

    /// Checks a checkbox, or takes the check away. Of several with one name, their labels or [`Form::check_value`] tell which.
    ///
    /// # Errors
    /// When there is no such checkbox, or a person cannot change it.
    pub fn check(mut self, name: &str, on: bool) -> Result<Self, BrowseError> {
        let at = self.find(name, |field| field.kind == "checkbox")?;
        self.fields[at].checked = on;
        Ok(self)
    }

    /// Checks the checkbox with this name and value, or takes the check away.
    ///
    /// # Errors
    /// As [`Form::check`].
    pub fn check_value(mut self, name: &str, value: &str, on: bool) -> Result<Self, BrowseError> {
        let at = self.find(name, |field| field.kind == "checkbox" && field.value == value)?;
        self.fields[at].checked = on;
        Ok(self)
    }

    /// Sets a value to what no person could set it to on the page, such as that of a hidden field, or adds one that is not there.
    /// From then on the form is sent without being checked.
    #[must_use]
    pub fn forge(mut self, name: &str, value: &str) -> Self {
        self.forged = true;
        let known = self.fields.iter().position(|field| field.name == name && !field.is_button());
        let at = known.unwrap_or_else(|| {
            self.fields.push(Field::read(self.page.dom(), self.node));
            self.fields.len() - 1
        });
        let field = &mut self.fields[at];
        (field.name, field.value, field.kind, field.disabled) = (name.to_owned(), value.to_owned(), "hidden".to_owned(), false);
        self
    }

    pub(in crate::browser) fn is_called(&self, name: &str) -> bool {
        let dom = self.page.dom();
        let own = [dom.attribute(self.node, "id"), dom.attribute(self.node, "name")].contains(&Some(name));
        let labels = || dom.below(self.node).filter(|&node| matches!(dom.name(node), "legend" | "h1" | "h2" | "h3"));
        own || dom.name_of(self.node) == name
            || self.buttons().iter().any(|button| button == name)
            || labels().any(|node| dom.line(node) == name)
    }

    pub(in crate::browser) fn summary(&self) -> String {
        let names: Vec<&str> = self.fields.iter().filter(|field| !field.is_button()).map(|field| field.name.as_str()).collect();
        format!(
            "{} with {} and the buttons {}",
            self.page.dom().attribute(self.node, "id").unwrap_or("one"),
            names.join(", "),
            self.buttons().join(", ")
        )
    }

    fn choose(mut self, group: &str, value: &str) -> Result<Self, BrowseError> {
        let is_it = |field: &Field| field.kind == "radio" && field.name == group && (field.value == value || field.label == value);
        let Some(chosen) = self.fields.iter().position(is_it) else {
            let there = self.fields.iter().filter(|field| field.name == group).map(|field| field.value.clone()).collect();
            return Err(BrowseError::Missing { what: format!("radio button `{value}` of `{group}`"), there });
        };
        changeable(&self.fields[chosen])?;
        let group = self.fields.iter_mut().enumerate().filter(|(_, field)| field.kind == "radio" && field.name == group);
        group.for_each(|(at, field)| field.checked = at == chosen);
        Ok(self)
    }

    /// The place of a control that a person can change.
    fn find(&self, name: &str, fits: impl Fn(&Field) -> bool) -> Result<usize, BrowseError> {
        let Some(at) = self.fields.iter().position(|field| field.is_called(name) && fits(field)) else {
            let there =
                self.fields.iter().filter(|field| !field.is_button()).map(|field| format!("{} ({})", field.name, field.kind)).collect();
            return Err(BrowseError::Missing { what: format!("field `{name}`"), there });
        };
        // Which of several radio buttons can be chosen is asked once it is known which.
        if self.fields[at].kind != "radio" {
            changeable(&self.fields[at])?;
        }
        Ok(at)
    }
}

fn changeable(field: &Field) -> Result<(), BrowseError> {
    if field.disabled || (field.read_only && !field.is_box()) {
        return Err(BrowseError::Refused(format!("`{}` is {} and cannot be changed by a person", field.name, field.kind)));
    }
    Ok(())
}
