//! What the server gives a function.

use syn::{Ident, Pat, PatType, PathSegment, Type};

use crate::errors::Errors;
use crate::types;

/// A parameter that the server gives and that no schema shows.
pub(crate) struct Injected {
    /// The author's name, unless the parameter is taken apart.
    pub(crate) name: Option<Ident>,
    /// The type, without `&`.
    pub(crate) ty: Type,
    pub(crate) by_reference: bool,
}

/// Types that are injected without being marked.
pub(super) const TYPES: [&str; 3] = ["State", "Principal", "Context"];

impl Injected {
    pub(super) fn read(typed: &PatType, owner: Option<&Type>, errors: &Errors) -> Option<Self> {
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
        if let Some(state) = types::last_segment(&ty).filter(|segment| segment.ident == "State")
            && let Some(fault) = state_fault(state, owner)
        {
            errors.at(&typed.ty, fault);
            return None;
        }
        let name = match &*typed.pat {
            Pat::Ident(pattern) => Some(pattern.ident.clone()),
            _ => None,
        };
        Some(Self { name, ty, by_reference })
    }
}

/// Why a `State<…>` cannot be taken.
fn state_fault(state: &PathSegment, owner: Option<&Type>) -> Option<&'static str> {
    let [inner] = types::type_arguments(state)[..] else { return Some("say which state: `State<T>`") };
    let inner = types::shown(types::bare(inner));
    let is_own = owner.is_some_and(|owner| inner == "Self" || inner == types::shown(types::bare(owner)));
    is_own.then_some("this state is what the method is called on; take `&self`")
}
