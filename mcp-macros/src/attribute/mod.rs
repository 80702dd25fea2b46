//! The attribute of an item: `#[tool(…)]`, `#[resource(…)]`, `#[prompt(…)]`, `#[completion(…)]`.

mod access;
mod entries;
mod keys;
mod values;

use std::time::Duration;

use proc_macro2::TokenStream;
use syn::{Expr, LitInt, LitStr, Path};

pub(crate) use self::access::{Access, Scope};
pub(crate) use self::entries::{Entries, Entry, Value, parse};
pub(crate) use self::keys::{OF_ARGUMENTS, known};
use crate::docs::Description;
use crate::errors::Errors;
use crate::kind::Kind;
use crate::names;
use crate::types;

/// What an item's attribute says. Keys of other kinds have been refused, so theirs are empty.
#[derive(Default)]
pub(crate) struct Attribute {
    pub(crate) root: Option<Path>,
    pub(crate) name: Option<LitStr>,
    pub(crate) title: Option<LitStr>,
    pub(crate) description: Option<Description>,
    pub(crate) access: Access,
    pub(crate) icons: Vec<LitStr>,
    pub(crate) tags: Vec<LitStr>,
    pub(crate) timeout: Option<Duration>,
    /// The key, to point at.
    pub(crate) blocking: Option<syn::Ident>,
    pub(crate) meta: Option<LitStr>,
    pub(crate) hints: Hints,
    pub(crate) task: Option<Task>,
    pub(crate) uri: Option<LitStr>,
    pub(crate) mime_type: Option<LitStr>,
    pub(crate) size: Option<LitInt>,
    pub(crate) prompt: Option<LitStr>,
    pub(crate) resource: Option<LitStr>,
    pub(crate) argument: Option<LitStr>,
}

/// What a tool tells of its effects.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hints {
    pub(crate) read_only: Option<bool>,
    pub(crate) destructive: Option<bool>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) open_world: Option<bool>,
}

/// Whether a tool may run as a task.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    Optional,
    Required,
    OnDemand,
}

impl Attribute {
    /// Reads the text between the parentheses.
    pub(crate) fn parse(kind: Kind, text: TokenStream, errors: &Errors) -> Self {
        let Entries { literal, keyed } = parse(text, errors);
        let mut attribute = Self::default();
        for (name, entry) in known(&keyed, keys::OF_ITEMS, kind, format_args!("`{kind}`"), errors) {
            attribute.read(&name, entry, errors);
        }
        if let Some(literal) = literal {
            attribute.take_literal(kind, literal, errors);
        }
        attribute.check(&keyed, errors);
        attribute
    }

    fn read(&mut self, name: &str, entry: &Entry, errors: &Errors) {
        match name {
            "name" => self.name = entry.text(errors),
            "title" => self.title = non_empty(entry, errors),
            "description" => self.description = description(entry, errors),
            "scope" => self.access.scopes = access::scopes(entry, errors),
            "tier" => self.access.tier = entry.word(&access::TIERS, "Admin", errors),
            "mfa" => self.access.mfa = entry.flag(errors).unwrap_or_default(),
            "icon" | "icons" => self.icons.extend(checked_texts(entry, names::icon_fault, errors)),
            "tags" => self.tags = checked_texts(entry, |tag| tag.trim().is_empty().then_some("a tag cannot be empty"), errors),
            "timeout" => self.timeout = entry.duration(errors),
            "blocking" => self.blocking = entry.flag(errors).unwrap_or_default().then(|| entry.key.clone()),
            "meta" => self.meta = checked(entry, names::json_object_fault, errors),
            "crate" => self.root = entry.path("some::path", errors),
            "read_only" => self.hints.read_only = entry.flag(errors),
            "destructive" => self.hints.destructive = entry.flag(errors),
            "idempotent" => self.hints.idempotent = entry.flag(errors),
            "open_world" => self.hints.open_world = entry.flag(errors),
            "task" => self.task = task(entry, errors),
            "uri" => self.uri = entry.text(errors),
            "mime_type" => self.mime_type = checked(entry, names::mime_type_fault, errors),
            "size" => self.size = entry.whole_number(errors),
            "prompt" => self.prompt = non_empty(entry, errors),
            "resource" => self.resource = entry.text(errors),
            "argument" => self.argument = non_empty(entry, errors),
            other => unreachable!("`{other}` is in the table of keys and is read nowhere"),
        }
    }

    fn take_literal(&mut self, kind: Kind, literal: LitStr, errors: &Errors) {
        if kind != Kind::Resource {
            errors.at(&literal, "a value needs its key, as in `title = \"…\"`");
        } else if self.uri.is_some() {
            errors.at(&literal, "`uri` is given twice");
        } else {
            self.uri = Some(literal);
        }
    }

    fn check(&self, entries: &[Entry], errors: &Errors) {
        if self.hints.read_only == Some(true) && self.hints.destructive == Some(true) {
            for entry in entries.iter().filter(|entry| entry.key == "destructive") {
                errors.at(&entry.key, "a tool that is `read_only` changes nothing, so it cannot be `destructive`");
            }
        }
    }
}

fn description(entry: &Entry, errors: &Errors) -> Option<Description> {
    if let Value::Is(value) = &entry.value
        && matches!(types::bare_expression(value), Expr::Path(_) | Expr::Macro(_))
    {
        return Some(Description::Expression(value.clone()));
    }
    let text = entry.text(errors)?;
    if text.value().trim().is_empty() {
        errors.at(&text, "`description` cannot be empty");
    }
    Some(Description::Text(text.value()))
}

fn task(entry: &Entry, errors: &Errors) -> Option<Task> {
    if matches!(entry.value, Value::Nothing) {
        return Some(Task::Optional);
    }
    let text = entry.text(errors)?;
    match text.value().as_str() {
        "optional" => Some(Task::Optional),
        "required" => Some(Task::Required),
        "on_demand" => Some(Task::OnDemand),
        other => {
            let words = ["optional", "required", "on_demand"];
            let hint = crate::diagnostics::did_you_mean(other, words);
            errors.at(&text, format!("`task` cannot be `{other}`{hint}\nit takes `\"optional\"`, `\"required\"` or `\"on_demand\"`"));
            None
        }
    }
}

fn non_empty(entry: &Entry, errors: &Errors) -> Option<LitStr> {
    let text = entry.text(errors)?;
    if text.value().trim().is_empty() {
        errors.at(&text, format!("`{}` cannot be empty", entry.key));
        return None;
    }
    Some(text)
}

fn checked(entry: &Entry, fault: impl Fn(&str) -> Option<&'static str>, errors: &Errors) -> Option<LitStr> {
    let text = entry.text(errors)?;
    if let Some(fault) = fault(&text.value()) {
        errors.at(&text, fault);
        return None;
    }
    Some(text)
}

fn checked_texts(entry: &Entry, fault: impl Fn(&str) -> Option<&'static str>, errors: &Errors) -> Vec<LitStr> {
    let mut texts = entry.list(|value| types::literal_text(value).cloned(), "strings", errors);
    texts.retain(|text| match fault(&text.value()) {
        Some(fault) => {
            errors.at(text, fault);
            false
        }
        None => true,
    });
    texts
}
