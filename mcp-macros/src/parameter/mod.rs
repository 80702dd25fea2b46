//! The parameters of a function: arguments, and what the server gives.

mod arg;
mod plain;
mod range;

use syn::{Attribute, FnArg, Ident, Meta, Pat, PatType, Receiver, ReceiverKind, Signature, Type};

pub(crate) use self::arg::{Arg, DefaultValue};
pub(crate) use self::plain::Plain;
use crate::errors::Errors;
use crate::kind::Kind;
use crate::types::{self, Shape};

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

/// A parameter that the server gives and that no schema shows.
pub(crate) struct Injected {
    /// The author's name, unless the parameter is taken apart.
    pub(crate) name: Option<Ident>,
    /// The type, without `&`.
    pub(crate) ty: Type,
    pub(crate) by_reference: bool,
}

/// Types that are injected without being marked.
const INJECTED: [&str; 3] = ["State", "Principal", "Context"];

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
    check_together(&parameters, kind, errors);
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
    let known = word.as_deref().filter(|word| INJECTED.contains(word));
    if inject.is_some() || known.is_some() {
        if let Some(attribute) = arg.attribute {
            errors.at(attribute, "the server gives this parameter, so it is no argument; remove `#[arg(…)]`");
        }
        return read_injected(typed, known, owner, errors).map(Parameter::Injected);
    }
    if word.as_deref() == Some("Args") {
        if let Some(attribute) = arg.attribute {
            errors.at(attribute, "`Args<T>` is all arguments at once; describe them on the fields of `T`");
        }
        return read_whole(typed, kind, errors).map(Parameter::Whole);
    }
    if let Some(inner) = types::option_of(target).and_then(types::last_segment)
        && INJECTED.iter().any(|word| inner.ident == word)
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

fn read_injected(typed: &PatType, known: Option<&str>, owner: Option<&Type>, errors: &Errors) -> Option<Injected> {
    let (ty, by_reference) = match types::bare(&typed.ty) {
        Type::Reference(reference) if reference.mutability.is_some() => {
            errors.at(&typed.ty, "the server shares what it gives: take it by value or by `&`");
            return None;
        }
        Type::Reference(reference) => ((*reference.elem).clone(), true),
        ty => (ty.clone(), false),
    };
    if types::has_impl(&ty) {
        errors.at(&typed.ty, "name the type: what is injected is found by its type");
        return None;
    }
    let arguments = types::last_segment(&ty).map(types::type_arguments).unwrap_or_default();
    match (known, &arguments[..]) {
        (Some("State"), []) => {
            errors.at(&typed.ty, "say which state: `State<T>`");
            return None;
        }
        (Some("State"), [state]) if owner.is_some_and(|owner| same(state, owner) || same_word(state, "Self")) => {
            errors.at(&typed.ty, "this state is what the method is called on; take `&self`");
            return None;
        }
        _ => {}
    }
    let name = match &*typed.pat {
        Pat::Ident(pattern) => Some(pattern.ident.clone()),
        _ => None,
    };
    Some(Injected { name, ty, by_reference })
}

fn read_whole(typed: &PatType, kind: Kind, errors: &Errors) -> Option<Type> {
    if kind != Kind::Tool {
        errors.at(&typed.ty, format!("only a tool takes `Args<T>`; the arguments of a {} are parameters of their own", kind.word()));
        return None;
    }
    if matches!(types::bare(&typed.ty), Type::Reference(_)) {
        errors.at(&typed.ty, "take `Args<T>` by value");
        return None;
    }
    match types::last_segment(&typed.ty).map(types::type_arguments)?[..] {
        [inner] if is_no_object(inner) => {
            errors.at(inner, format!("arguments are a JSON object, and `{}` is none; take a struct or a map", types::shown(inner)));
            None
        }
        [inner] => Some(inner.clone()),
        _ => {
            errors.at(&typed.ty, "say what the arguments are: `Args<T>`, of a `T` that is `Deserialize + JsonSchema`");
            None
        }
    }
}

/// Whether a type is read from something else than a JSON object, as far as its name shows.
fn is_no_object(ty: &Type) -> bool {
    let is_map = types::last_segment(ty).is_some_and(|segment| segment.ident.to_string().ends_with("Map"));
    types::shape(ty) != Shape::Unknown && !is_map
}

/// Checks that only show when parameters are seen side by side.
fn check_together(parameters: &[(&FnArg, Parameter)], kind: Kind, errors: &Errors) {
    let mut whole = 0;
    let mut injected: Vec<String> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut headers: Vec<String> = Vec::new();
    for (input, parameter) in parameters {
        match parameter {
            Parameter::Receiver => {}
            Parameter::Whole(_) => {
                whole += 1;
                if whole > 1 {
                    errors.at(input, "`Args` is all arguments at once, so there is one; put the fields into one type");
                }
            }
            Parameter::Injected(given) => {
                let ty = types::shown(&given.ty);
                if injected.contains(&ty) {
                    errors.at(input, format!("`{ty}` is taken twice"));
                }
                injected.push(ty);
            }
            Parameter::Plain(plain) => {
                if names.contains(&plain.name.as_str()) {
                    errors.at(input, format!("two arguments are named `{}`", plain.name));
                }
                names.push(&plain.name);
                if let Some(header) = &plain.header {
                    let folded = header.value().to_ascii_lowercase();
                    if headers.contains(&folded) {
                        errors.at(header, format!("two arguments go into the header `{}`; case makes no difference", header.value()));
                    }
                    headers.push(folded);
                }
            }
        }
    }
    if whole > 0 && kind == Kind::Tool {
        for (input, _) in parameters.iter().filter(|(_, parameter)| matches!(parameter, Parameter::Plain(_))) {
            errors
                .at(input, "`Args` is all arguments already: make this a field of its type, or mark it `#[inject]` if the server gives it");
        }
    }
}

fn same(left: &Type, right: &Type) -> bool {
    types::shown(types::bare(left)) == types::shown(types::bare(right))
}

fn same_word(ty: &Type, word: &str) -> bool {
    types::shown(types::bare(ty)) == word
}
