//! Mistakes that only show when parameters are seen side by side.

use syn::FnArg;

use super::{Parameter, Plain};
use crate::errors::Errors;
use crate::types;

/// Checks the parameters of a function against each other.
pub(super) fn check(parameters: &[(&FnArg, Parameter)], errors: &Errors) {
    check_whole(parameters, errors);
    check_injected(parameters, errors);
    let plain = parameters.iter().filter_map(|(input, parameter)| match parameter {
        Parameter::Plain(plain) => Some((*input, &**plain)),
        _ => None,
    });
    check_plain(plain, errors);
}

fn check_whole(parameters: &[(&FnArg, Parameter)], errors: &Errors) {
    let is_whole = |parameter: &Parameter| matches!(parameter, Parameter::Whole(_));
    let Some(first) = parameters.iter().position(|(_, parameter)| is_whole(parameter)) else { return };
    for (position, (input, parameter)) in parameters.iter().enumerate() {
        if is_whole(parameter) && position > first {
            errors.at(input, "`Args` is all arguments at once, so there is one; put the fields into one type");
        } else if matches!(parameter, Parameter::Plain(_)) {
            let advice = "make this a field of its type, or mark it `#[inject]` if the server gives it";
            errors.at(input, format!("`Args` is all arguments already: {advice}"));
        }
    }
}

fn check_injected(parameters: &[(&FnArg, Parameter)], errors: &Errors) {
    let mut seen: Vec<String> = Vec::new();
    for (input, parameter) in parameters {
        let Parameter::Injected(injected) = parameter else { continue };
        let ty = types::shown(&injected.ty);
        if seen.contains(&ty) {
            errors.at(input, format!("`{ty}` is taken twice"));
        }
        seen.push(ty);
    }
}

fn check_plain<'p>(parameters: impl Iterator<Item = (&'p FnArg, &'p Plain)>, errors: &Errors) {
    let mut names: Vec<&str> = Vec::new();
    let mut headers: Vec<String> = Vec::new();
    for (input, plain) in parameters {
        if names.contains(&plain.name.as_str()) {
            errors.at(input, format!("two arguments are named `{}`", plain.name));
        }
        names.push(&plain.name);
        let Some(header) = &plain.header else { continue };
        let folded = header.value().to_ascii_lowercase();
        if headers.contains(&folded) {
            errors.at(header, format!("two arguments go into the header `{}`; case makes no difference", header.value()));
        }
        headers.push(folded);
    }
}
