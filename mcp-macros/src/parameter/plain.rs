//! A parameter that is an argument on the wire.

use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::{Ident, LitInt, LitStr, Pat, PatType, Type};

use super::arg::{Arg, DefaultValue};
use super::range::{self, Range};
use crate::docs::{self, Description};
use crate::errors::Errors;
use crate::kind::Kind;
use crate::types::{self, Shape};

/// A parameter that is an argument on the wire.
pub(crate) struct Plain {
    pub(crate) ident: Ident,
    /// Its name on the wire.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) description: Option<Description>,
    pub(crate) default: Option<DefaultValue>,
    pub(crate) range: Option<Range>,
    pub(crate) header: Option<LitStr>,
    pub(crate) min_length: Option<LitInt>,
    pub(crate) max_length: Option<LitInt>,
    pub(crate) pattern: Option<LitStr>,
}

impl Plain {
    pub(super) fn read(typed: &PatType, arg: Arg<'_>, kind: Kind, errors: &Errors) -> Option<Self> {
        let ident = simple_name(&typed.pat, errors);
        let owned = check_owned(&typed.ty, kind, errors);
        check_values(&arg, &typed.ty, errors);
        let ident = ident?;
        let plain = Self {
            name: arg.name.map_or_else(|| ident.unraw().to_string(), |name| name.value()),
            ident,
            ty: (*typed.ty).clone(),
            description: arg.description.map(|text| Description::Text(text.value())).or_else(|| docs::description(&typed.attrs)),
            default: arg.default,
            range: arg.range,
            header: arg.header,
            min_length: arg.min_length,
            max_length: arg.max_length,
            pattern: arg.pattern,
        };
        owned.then_some(plain)
    }

    /// `T` of an argument written `Option<T>`.
    pub(crate) fn option(&self) -> Option<&Type> {
        types::option_of(&self.ty)
    }

    /// Whether a call may leave the argument out.
    pub(crate) fn is_optional(&self) -> bool {
        self.default.is_some() || self.option().is_some()
    }
}

fn simple_name(pattern: &Pat, errors: &Errors) -> Option<Ident> {
    match pattern {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => Some(name.ident.clone()),
        Pat::Wild(_) => {
            errors.at(pattern, "an argument needs a name: it is what callers send");
            None
        }
        _ => {
            errors.at(pattern, "an argument is one name, which callers send; take it apart in the body");
            None
        }
    }
}

/// Whether the type owns what it holds, as a value read from a message must.
fn check_owned(ty: &Type, kind: Kind, errors: &Errors) -> bool {
    let fault = if types::has_impl(ty) {
        "an argument has one type: name it instead of `impl Trait`".to_owned()
    } else if let Type::Reference(reference) = types::bare(ty) {
        let inner = &*reference.elem;
        match inner {
            Type::Path(path) if path.path.is_ident("str") => "arguments are owned: take `String`".to_owned(),
            Type::Path(path) if path.path.is_ident("Path") => "arguments are owned: take `PathBuf`".to_owned(),
            Type::Slice(slice) => format!("arguments are owned: take `Vec<{}>`", types::shown(&slice.elem)),
            inner => {
                format!("arguments are owned: take `{}`; or mark the parameter `#[inject]` if the server gives it", types::shown(inner))
            }
        }
    } else if types::borrows(ty) {
        match types::option_of(ty).map(types::shown).as_deref() {
            Some("&str") => "arguments are owned: take `Option<String>`".to_owned(),
            _ => format!("`{}` borrows, and arguments are owned; take a type without lifetimes", types::shown(ty)),
        }
    } else if kind != Kind::Tool && matches!(types::option_of(ty), Some(inner) if types::option_of(inner).is_some()) {
        "an argument is there or not: take one `Option`".to_owned()
    } else {
        return true;
    };
    errors.at(ty, fault);
    false
}

/// Checks that what `#[arg(…)]` says fits the type, as far as the type shows.
fn check_values(arg: &Arg<'_>, ty: &Type, errors: &Errors) {
    let shape = types::shape(ty);
    let shown = types::shown(ty);
    if let Some(default) = &arg.default {
        check_default(default, arg.range.as_ref(), ty, errors);
    }
    if let Some(range) = &arg.range
        && matches!(shape, Shape::Text | Shape::Bool | Shape::Composite)
    {
        errors.at(range, format!("`range` is for numbers, and this is `{shown}`"));
    }
    if let Some(header) = &arg.header
        && matches!(shape, Shape::Float | Shape::Composite)
    {
        errors.at(header, format!("a header carries a `String`, an integer or a `bool`, and this is `{shown}`"));
    }
    let for_strings = [
        ("min_length", arg.min_length.as_ref().map(ToTokens::to_token_stream)),
        ("max_length", arg.max_length.as_ref().map(ToTokens::to_token_stream)),
        ("pattern", arg.pattern.as_ref().map(ToTokens::to_token_stream)),
    ];
    for (key, value) in for_strings {
        if let Some(value) = value
            && matches!(shape, Shape::Integer | Shape::Float | Shape::Bool | Shape::Composite)
        {
            errors.at(value, format!("`{key}` is for strings, and this is `{shown}`"));
        }
    }
    if let (Some(least), Some(most)) = (&arg.min_length, &arg.max_length)
        && least.base10_parse::<u64>().ok() > most.base10_parse::<u64>().ok()
    {
        errors.at(least, format!("`min_length` is above `max_length`, which is {most}"));
    }
}

fn check_default(default: &DefaultValue, range: Option<&Range>, ty: &Type, errors: &Errors) {
    if let Some(inner) = types::option_of(ty) {
        let inner = types::shown(inner);
        match default {
            DefaultValue::OfType(key) => errors.at(key, "an `Option` is `None` by default; remove `default`"),
            DefaultValue::Expression(value) => errors.at(value, format!("with a default there is always a value: take `{inner}`")),
        }
        return;
    }
    if let DefaultValue::Expression(value) = default
        && let Some(range) = range
        && range::number(value).is_some_and(|value| !range.may_contain(value))
    {
        errors.at(value, format!("the default is outside the range, which is `{}`", types::shown(range)));
    }
}
