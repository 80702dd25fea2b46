//! The author's function, checked.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Attribute, Ident, ReturnType, Safety, Signature, Type};

use crate::errors::Errors;
use crate::kind::Kind;
use crate::parameter::{self, Parameter, Plain};
use crate::source::SourceFn;
use crate::types;

/// A function that can be served.
pub(crate) struct Function {
    pub(crate) ident: Ident,
    /// The type whose `impl` block it is in.
    pub(crate) owner: Option<Type>,
    pub(crate) is_async: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Output,
    /// Conditions that hold for what is generated, too.
    pub(crate) cfgs: Vec<Attribute>,
}

/// What a function returns, as its signature says.
pub(crate) enum Output {
    Nothing,
    Value(Box<Type>),
    /// `Result<ok, error>`; the error is unknown if the `Result` is an alias with one parameter.
    Fallible {
        ok: Box<Type>,
        error: Option<Box<Type>>,
    },
}

impl Function {
    pub(crate) fn check(source: &SourceFn, kind: Kind, owner: Option<&Type>, errors: &Errors) -> Self {
        let signature = &source.signature;
        check_other_attributes(&source.attributes, kind, errors);
        check_qualifiers(signature, kind, errors);
        Self {
            ident: signature.ident.clone(),
            owner: owner.cloned(),
            is_async: signature.asyncness.is_some(),
            parameters: parameter::read_all(signature, kind, owner, errors),
            output: Output::read(signature, kind, errors),
            cfgs: source.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect(),
        }
    }

    /// How the function is named from outside its `impl` block.
    pub(crate) fn path(&self) -> TokenStream {
        let ident = &self.ident;
        match &self.owner {
            Some(owner) => {
                let owner = types::qualifier(owner);
                quote!(#owner::#ident)
            }
            None => ident.to_token_stream(),
        }
    }

    /// The parameters that are arguments of their own.
    pub(crate) fn plain(&self) -> impl Iterator<Item = &Plain> {
        self.parameters.iter().filter_map(|parameter| match parameter {
            Parameter::Plain(plain) => Some(&**plain),
            _ => None,
        })
    }
}

fn check_other_attributes(attributes: &[Attribute], kind: Kind, errors: &Errors) {
    for attribute in attributes {
        if let Some(other) = Kind::of_attribute(attribute) {
            let other = if other == kind { "twice".to_owned() } else { format!("and `{other}`") };
            errors.at(attribute, format!("a function is one thing: this one is `{kind}` {other}; write a second function that calls it"));
        }
        for helper in ["arg", "inject"] {
            if attribute.path().is_ident(helper) {
                errors.at(attribute, format!("`#[{helper}]` goes on a parameter"));
            }
        }
    }
}

fn check_qualifiers(signature: &Signature, kind: Kind, errors: &Errors) {
    let a = format!("a {}", kind.word());
    if let Safety::Unsafe(token) = &signature.safety {
        errors.at(token, format!("{a} is called by strangers, so it cannot be `unsafe`"));
    }
    if let Some(token) = &signature.constness {
        errors.at(token, format!("{a} cannot be a `const fn`"));
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, format!("{a} is a Rust function; remove `extern`"));
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, format!("{a} has a fixed list of arguments; take a `Vec<T>`"));
    }
    if !signature.generics.params.is_empty() {
        let only_lifetimes = signature.generics.lifetimes().count() == signature.generics.params.len();
        let reason = if only_lifetimes {
            "what it takes is owned, so there is no lifetime to name"
        } else {
            "it is called by name, so there is nobody to choose the types; name them"
        };
        errors.at(&signature.generics, format!("{a} cannot be generic: {reason}"));
    } else if let Some(clause) = &signature.generics.where_clause {
        errors.at(clause, format!("{a} cannot have a `where` clause"));
    }
}

impl Output {
    fn read(signature: &Signature, kind: Kind, errors: &Errors) -> Self {
        let ReturnType::Type(_, ty) = &signature.output else {
            let example = match kind {
                Kind::Tool => return Self::Nothing,
                Kind::Resource => "a resource returns what is read: add `-> Result<String, ToolError>`, or another type of contents",
                Kind::Prompt => "a prompt returns its messages: add `-> String` or `-> Vec<PromptMessage>`",
                Kind::Completion => "a completion returns suggestions: add `-> Vec<String>`",
            };
            errors.at(&signature.ident, example);
            return Self::Nothing;
        };
        if types::has_impl(ty) {
            errors.at(ty, format!("name the type: what a {} answers is decided by its return type", kind.word()));
            return Self::Nothing;
        }
        match types::bare(ty) {
            Type::Tuple(unit) if unit.elems.is_empty() && kind == Kind::Tool => Self::Nothing,
            ty => Self::of(ty, errors),
        }
    }

    fn of(ty: &Type, errors: &Errors) -> Self {
        let Some(segment) = types::last_segment(ty).filter(|segment| segment.ident == "Result") else {
            return Self::Value(Box::new(ty.clone()));
        };
        match types::type_arguments(segment)[..] {
            [ok] => Self::Fallible { ok: Box::new(ok.clone()), error: None },
            [ok, error] => Self::Fallible { ok: Box::new(ok.clone()), error: Some(Box::new(error.clone())) },
            _ => {
                errors.at(ty, "this `Result` does not show what it holds: write `Result<T, E>`");
                Self::Value(Box::new(ty.clone()))
            }
        }
    }

    /// The type of an answer that is no error, unless it says nothing.
    pub(crate) fn value(&self) -> Option<&Type> {
        let ty = match self {
            Self::Nothing => return None,
            Self::Value(ty) | Self::Fallible { ok: ty, .. } => ty,
        };
        let is_unit = matches!(types::bare(ty), Type::Tuple(unit) if unit.elems.is_empty());
        (!is_unit).then_some(ty)
    }
}
