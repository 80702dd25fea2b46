//! An item that may be served: attribute and function, checked against each other.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::{LitStr, Type};

use crate::attribute::Attribute;
use crate::diagnostics::{did_you_mean, list};
use crate::docs::{self, Description};
use crate::errors::Errors;
use crate::function::Function;
use crate::kind::Kind;
use crate::names;
use crate::parameter::Plain;
use crate::source::SourceFn;
use crate::uri::{self, Variable};

/// An item without mistakes.
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) description: Option<Description>,
    pub(crate) attribute: Attribute,
    pub(crate) function: Function,
    pub(crate) detail: Detail,
}

/// What only one kind of item has.
pub(crate) enum Detail {
    Tool,
    Resource { uri: LitStr },
    Prompt,
    Completion { target: Target, argument: LitStr },
}

/// What is completed.
pub(crate) enum Target {
    Prompt(LitStr),
    Resource(LitStr),
}

impl Item {
    /// Checks an attribute and the function it is on; `None` if either has mistakes.
    pub(crate) fn check(kind: Kind, text: TokenStream, source: &SourceFn, owner: Option<&Type>, errors: &Errors) -> Option<Self> {
        let before = errors.count();
        let attribute = Attribute::parse(kind, text, errors);
        let function = Function::check(source, kind, owner, errors);
        if let Some(blocking) = attribute.blocking.as_ref().filter(|_| function.is_async) {
            errors.at(blocking, "an `async fn` does not block; make it a plain `fn`, which then gets a thread of its own");
        }
        let name = check_name(kind, &attribute, &function, errors);
        let description = attribute.description.clone().or_else(|| docs::description(&source.attributes));
        // A completion is never listed, so nobody reads its description.
        if description.is_none() && kind != Kind::Completion {
            errors.at(
                &function.ident,
                format!("callers choose a {} by its description: write a doc comment, or `description = \"…\"`", kind.word()),
            );
        }
        let detail = match kind {
            Kind::Tool => Some(Detail::Tool),
            Kind::Prompt => Some(Detail::Prompt),
            Kind::Resource => check_resource(&attribute, &function, errors),
            Kind::Completion => check_completion(&attribute, &function, errors),
        };
        let detail = detail.filter(|_| errors.count() == before)?;
        Some(Self { name, description, attribute, function, detail })
    }

    /// What tells the item from others of its kind, in words, and where it is written.
    pub(crate) fn identity(&self) -> (String, TokenStream) {
        match &self.detail {
            Detail::Tool | Detail::Prompt => {
                let tokens = self.attribute.name.as_ref().map_or_else(|| self.function.ident.to_token_stream(), ToTokens::to_token_stream);
                (format!("named `{}`", self.name), tokens)
            }
            Detail::Resource { uri } => (format!("at `{}`", uri.value()), uri.to_token_stream()),
            Detail::Completion { target: Target::Prompt(target) | Target::Resource(target), argument } => {
                (format!("for `{}` of `{}`", argument.value(), target.value()), argument.to_token_stream())
            }
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self.detail {
            Detail::Tool => Kind::Tool,
            Detail::Resource { .. } => Kind::Resource,
            Detail::Prompt => Kind::Prompt,
            Detail::Completion { .. } => Kind::Completion,
        }
    }
}

fn check_name(kind: Kind, attribute: &Attribute, function: &Function, errors: &Errors) -> String {
    let (name, tokens) = match &attribute.name {
        Some(literal) => (literal.value(), literal.to_token_stream()),
        None => (function.ident.unraw().to_string(), function.ident.to_token_stream()),
    };
    let fault = if kind == Kind::Tool { names::tool_name_fault(&name) } else { names::name_fault(&name) };
    if let Some(fault) = fault {
        let advice = if attribute.name.is_none() { "; give it a `name = \"…\"`" } else { "" };
        errors.at(tokens, format!("{fault}{advice}"));
    }
    name
}

fn check_resource(attribute: &Attribute, function: &Function, errors: &Errors) -> Option<Detail> {
    let Some(uri) = &attribute.uri else {
        errors.at(&function.ident, "a resource needs a URI or a template, as in `#[resource(\"file:///{+path}\")]`");
        return None;
    };
    let variables = variables_of(uri, errors)?;
    for plain in function.plain() {
        match variables.iter().find(|variable| variable.name == plain.name) {
            Some(variable) if variable.may_be_absent && !plain.is_optional() => {
                errors
                    .at(&plain.ident, format!("a URI may leave `{}` out: take `Option<…>`, or give it `#[arg(default = …)]`", plain.name));
            }
            Some(_) => {}
            None => errors.at(&plain.ident, no_such_variable(plain, &variables)),
        }
    }
    let uncovered: Vec<&str> =
        variables.iter().map(|variable| variable.name.as_str()).filter(|name| function.plain().all(|plain| plain.name != *name)).collect();
    if !uncovered.is_empty() {
        let names = list(&uncovered, "and");
        errors.at(uri, format!("the function does not take {names}, which the template has: add parameters of these names"));
    }
    if let Some(size) = attribute.size.as_ref().filter(|_| !variables.is_empty()) {
        errors.at(size, "a template stands for many resources, which differ in size; remove `size`");
    }
    Some(Detail::Resource { uri: uri.clone() })
}

fn no_such_variable(plain: &Plain, variables: &[Variable]) -> String {
    let names = || variables.iter().map(|variable| variable.name.as_str());
    let inject = "if the server gives it, mark the parameter `#[inject]`";
    if variables.is_empty() {
        return format!("a fixed URI has no variables, so there is nothing to put into `{}`; {inject}", plain.name);
    }
    let hint = did_you_mean(&plain.name, names());
    format!("the template has no variable `{}`{hint}\nit has {}; {inject}", plain.name, list(names(), "and"))
}

fn check_completion(attribute: &Attribute, function: &Function, errors: &Errors) -> Option<Detail> {
    let ident = &function.ident;
    let target = match (&attribute.prompt, &attribute.resource) {
        (Some(prompt), None) => Some(Target::Prompt(prompt.clone())),
        (None, Some(template)) => Some(Target::Resource(template.clone())),
        (Some(_), Some(template)) => {
            errors.at(template, "a completion is for a `prompt` or for a `resource`, not for both");
            None
        }
        (None, None) => {
            errors.at(ident, "say what is completed: `prompt = \"name\"` or `resource = \"template\"`");
            None
        }
    };
    if attribute.argument.is_none() {
        errors.at(ident, "say which argument is completed: `argument = \"…\"`");
    }
    check_settled(function, errors);
    if let Some(template) = &attribute.resource {
        check_template(template, attribute.argument.as_ref(), function, errors)?;
    }
    Some(Detail::Completion { target: target?, argument: attribute.argument.clone()? })
}

/// The first argument of a completion is what was typed; the others may not be known yet.
fn check_settled(function: &Function, errors: &Errors) {
    let mut plain = function.plain();
    match plain.next() {
        None => errors.at(&function.ident, "a completion starts from what was typed: add a parameter, as in `typed: String`"),
        Some(typed) if typed.option().is_some() => {
            errors.at(&typed.ty, "what was typed is always there, if only as an empty string: take `String`");
        }
        Some(_) => {}
    }
    for settled in plain.filter(|settled| settled.option().is_none()) {
        let ty = crate::types::shown(&settled.ty);
        errors.at(&settled.ty, format!("`{}` may not be settled yet when this is completed: take `Option<{ty}>`", settled.name));
    }
}

fn check_template(template: &LitStr, argument: Option<&LitStr>, function: &Function, errors: &Errors) -> Option<()> {
    let variables = variables_of(template, errors)?;
    if variables.is_empty() {
        errors.at(template, "a fixed URI has nothing to complete; name a template, as in `file:///{+path}`");
        return None;
    }
    let known = |name: &str| variables.iter().any(|variable| variable.name == name);
    let names = || variables.iter().map(|variable| variable.name.as_str());
    if let Some(argument) = argument.filter(|argument| !known(&argument.value())) {
        let hint = did_you_mean(&argument.value(), names());
        errors.at(argument, format!("the template has no variable `{}`{hint}\nit has {}", argument.value(), list(names(), "and")));
    }
    for settled in function.plain().skip(1).filter(|settled| !known(&settled.name)) {
        errors.at(&settled.ident, no_such_variable(settled, &variables));
    }
    Some(())
}

fn variables_of(uri: &LitStr, errors: &Errors) -> Option<Vec<Variable>> {
    match uri::variables(&uri.value()) {
        Ok(variables) => Some(variables),
        Err(fault) => {
            errors.at(uri, fault);
            None
        }
    }
}
