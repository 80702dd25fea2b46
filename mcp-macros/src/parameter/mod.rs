//! The parameters of a function: arguments, and what the server gives.

mod arg;
mod injected;
mod plain;
mod range;
mod together;
mod whole;

use syn::{Attribute, FnArg, Meta, PatType, Receiver, ReceiverKind, Signature, Type};

pub(crate) use self::arg::{Arg, DefaultValue};
pub(crate) use self::injected::Injected;
pub(crate) use self::plain::Plain;
use crate::errors::Errors;
use crate::kind::Kind;
use crate::types;

/// One parameter.
pub(crate) enum Parameter {
    /// `&self`
    Receiver,
    /// An argument of its own.
    Plain(Box<Plain>),
    /// `Args<T>`: the whole argument object. Holds `T`.
    Whole(Type),
    Injected(Injected),
}

/// Reads all parameters of a function, which is a method if it has an `owner`.
pub(crate) fn read_all(signature: &Signature, kind: Kind, owner: Option<&Type>, errors: &Errors) -> Vec<Parameter> {
    let parameters: Vec<(&FnArg, Parameter)> = signature
        .inputs
        .iter()
        .filter_map(|input| {
            let parameter = match input {
                FnArg::Receiver(receiver) => read_receiver(receiver, kind, owner, errors),
                FnArg::Typed(typed) => read(typed, kind, owner, errors),
            };
            parameter.map(|parameter| (input, parameter))
        })
        .collect();
    together::check(&parameters, errors);
    parameters.into_iter().map(|(_, parameter)| parameter).collect()
}

fn read_receiver(receiver: &Receiver, kind: Kind, owner: Option<&Type>, errors: &Errors) -> Option<Parameter> {
    if owner.is_none() {
        errors.at(receiver, format!("a method needs its `impl` block: put `{kind}` on the `impl` block too, and leave this one here"));
        return None;
    }
    match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => Some(Parameter::Receiver),
        _ => {
            errors.at(receiver, "all calls share one value: take `&self`, and put what changes behind a lock");
            None
        }
    }
}

fn read(typed: &PatType, kind: Kind, owner: Option<&Type>, errors: &Errors) -> Option<Parameter> {
    for attribute in &typed.attrs {
        if let Some(fault) = misplaced(attribute) {
            errors.at(attribute, fault);
        }
    }
    let arg = Arg::parse(&typed.attrs, kind, errors);
    let inject = typed.attrs.iter().find(|attribute| attribute.path().is_ident("inject"));
    if let Some(inject) = inject
        && !matches!(inject.meta, Meta::Path(_))
    {
        errors.at(inject, "`#[inject]` takes nothing");
    }
    let target = match types::bare(&typed.ty) {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    let word = types::last_segment(target).map(|segment| segment.ident.to_string());
    let word = word.as_deref().unwrap_or_default();
    if inject.is_some() || injected::TYPES.contains(&word) {
        if let Some(attribute) = arg.attribute {
            errors.at(attribute, "the server gives this parameter, so it is no argument; remove `#[arg(…)]`");
        }
        return Injected::read(typed, owner, errors).map(Parameter::Injected);
    }
    if word == "Args" {
        if let Some(attribute) = arg.attribute {
            errors.at(attribute, "`Args<T>` is all arguments at once; describe them on the fields of `T`");
        }
        return whole::read(typed, kind, errors).map(Parameter::Whole);
    }
    if let Some(inner) = types::option_of(target).and_then(types::last_segment)
        && injected::TYPES.iter().any(|word| inner.ident == word)
    {
        errors.at(&typed.ty, format!("a call always has its `{}`; take it without `Option`", inner.ident));
        return None;
    }
    Plain::read(typed, arg, kind, errors).map(|plain| Parameter::Plain(Box::new(plain)))
}

/// Why an attribute cannot be on a parameter.
fn misplaced(attribute: &Attribute) -> Option<&'static str> {
    let path = attribute.path();
    if path.is_ident("cfg") || path.is_ident("cfg_attr") {
        return Some("an argument cannot depend on `cfg`: what a tool takes is the same in every build");
    }
    (path.is_ident("serde") || path.is_ident("schemars"))
        .then_some("a parameter has `#[arg(…)]` only; take `Args<T>` to derive a struct of your own")
}
