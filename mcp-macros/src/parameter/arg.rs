//! `#[arg(…)]`

use syn::{Attribute, Expr, LitInt, LitStr, Meta};

use super::range::Range;
use crate::attribute::{Entry, OF_ARGUMENTS, Value, known, parse};
use crate::errors::Errors;
use crate::kind::Kind;
use crate::names;

/// What `#[arg(…)]` says.
#[derive(Default)]
pub(crate) struct Arg<'a> {
    /// The attribute, to point at.
    pub(crate) attribute: Option<&'a Attribute>,
    pub(crate) default: Option<DefaultValue>,
    pub(crate) range: Option<Range>,
    pub(crate) name: Option<LitStr>,
    pub(crate) description: Option<LitStr>,
    pub(crate) header: Option<LitStr>,
    pub(crate) min_length: Option<LitInt>,
    pub(crate) max_length: Option<LitInt>,
    pub(crate) pattern: Option<LitStr>,
}

/// The value of an argument that is not given.
pub(crate) enum DefaultValue {
    /// `Default::default()`
    OfType(syn::Ident),
    Expression(Box<Expr>),
}

impl<'a> Arg<'a> {
    /// Reads the `#[arg(…)]` among the attributes of a parameter; there may be several.
    pub(crate) fn parse(attributes: &'a [Attribute], kind: Kind, errors: &Errors) -> Self {
        let mut arg = Self::default();
        let mut entries = Vec::new();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("arg")) {
            arg.attribute = Some(attribute);
            let Meta::List(list) = &attribute.meta else {
                errors.at(attribute, "`#[arg(…)]` takes keys, as in `#[arg(default = 50)]`");
                continue;
            };
            let parsed = parse(list.tokens.clone(), errors);
            if let Some(literal) = parsed.literal {
                errors.at(literal, "a value needs its key, as in `default = …`");
            }
            entries.extend(parsed.keyed);
        }
        for (name, entry) in known(&entries, OF_ARGUMENTS, kind, "`#[arg(…)]`", errors) {
            arg.read(&name, entry, errors);
        }
        arg
    }

    fn read(&mut self, name: &str, entry: &Entry, errors: &Errors) {
        match name {
            "default" => self.default = default(entry, errors),
            "range" => self.range = Range::read(entry, errors),
            "name" => self.name = checked(entry, names::name_fault, errors),
            "description" => self.description = entry.text(errors),
            "header" => self.header = checked(entry, names::header_fault, errors),
            "min_length" => self.min_length = entry.whole_number(errors),
            "max_length" => self.max_length = entry.whole_number(errors),
            "pattern" => self.pattern = entry.text(errors),
            other => unreachable!("`{other}` is in the table of keys and is read nowhere"),
        }
    }
}

fn default(entry: &Entry, errors: &Errors) -> Option<DefaultValue> {
    match &entry.value {
        Value::Nothing => Some(DefaultValue::OfType(entry.key.clone())),
        Value::Is(value) => Some(DefaultValue::Expression(value.clone())),
        Value::Parenthesized => {
            errors.at(&entry.key, "`default` stands alone, or takes a value, as in `default = 50`");
            None
        }
    }
}

fn checked(entry: &Entry, fault: impl Fn(&str) -> Option<String>, errors: &Errors) -> Option<LitStr> {
    let text = entry.text(errors)?;
    match fault(&text.value()) {
        Some(fault) => {
            errors.at(&text, fault);
            None
        }
        None => Some(text),
    }
}
