//! `Args<T>`: all arguments at once.

use syn::{PatType, Type};

use crate::errors::Errors;
use crate::kind::Kind;
use crate::types::{self, Shape};

/// Reads the `T` of a parameter of type `Args<T>`.
pub(super) fn read(typed: &PatType, kind: Kind, errors: &Errors) -> Option<Type> {
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
