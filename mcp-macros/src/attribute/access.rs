//! What an item asks of its caller: `scope`, `tier` and `mfa`.

use syn::{Expr, Ident, LitStr, Path};

use super::entries::Entry;
use crate::errors::Errors;
use crate::names;
use crate::types;

/// The tiers there are.
pub(super) const TIERS: [&str; 4] = ["Public", "Developer", "Admin", "Service"];

/// What an item asks of its caller.
#[derive(Default)]
pub(crate) struct Access {
    pub(crate) scopes: Vec<Scope>,
    pub(crate) tier: Option<Ident>,
    pub(crate) mfa: bool,
}

/// One scope.
pub(crate) enum Scope {
    Literal(LitStr),
    /// A constant, checked when the user's crate is compiled.
    Constant(Path),
}

pub(super) fn scopes(entry: &Entry, errors: &Errors) -> Vec<Scope> {
    let read = |value: &Expr| match types::bare_expression(value) {
        Expr::Path(path) if path.qself.is_none() => Some(Scope::Constant(path.path.clone())),
        value => types::literal_text(value).cloned().map(Scope::Literal),
    };
    let mut seen: Vec<String> = Vec::new();
    let mut scopes = entry.list(read, "a string, a path to a constant, or a list of them", errors);
    scopes.retain(|scope| {
        let Scope::Literal(literal) = scope else { return true };
        let text = literal.value();
        if let Some(fault) = names::scope_fault(&text) {
            errors.at(literal, fault);
            return false;
        }
        if seen.contains(&text) {
            errors.at(literal, format!("`{text}` is asked for twice"));
            return false;
        }
        seen.push(text);
        true
    });
    scopes
}
