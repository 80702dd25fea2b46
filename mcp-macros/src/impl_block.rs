//! An attribute on an `impl` block: it serves the methods that have attributes of their own.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Meta, Type};

use crate::attribute::{self, Entries};
use crate::errors::Errors;
use crate::expand;
use crate::kind::Kind;
use crate::model::Item;
use crate::root::Root;
use crate::source::{Member, SourceFn, SourceImpl};

pub(crate) fn expand(kind: Kind, root: Root, text: TokenStream, mut block: SourceImpl, errors: &Errors) -> TokenStream {
    let root = root.or(own_root(kind, text, errors).as_ref());
    let sound = check_header(kind, &block, errors);
    let owner = (*block.header.self_ty).clone();
    let mut items = Vec::new();
    let mut found = false;
    for member in &mut block.members {
        let Member::Function(function) = member else { continue };
        let Some((kind, text)) = take_attribute(function, errors) else { continue };
        found = true;
        items.extend(Item::check(kind, text, function, Some(&owner), errors).map(|mut item| {
            item.function.cfgs.extend(block.header.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned());
            item
        }));
        function.remove_helpers();
        function.allow_lints();
    }
    if sound && !found {
        errors.at(
            block.header.impl_token,
            format!("nothing in this `impl` block is served: mark its methods `{kind}`\n(methods that a macro makes cannot be seen)"),
        );
    }
    check_identities(&items, errors);
    let generated = items.iter().filter(|_| sound).map(|item| expand::item(item, &root.clone().or(item.attribute.root.as_ref())));
    let generated: TokenStream = generated.collect();
    let block = block.into_token_stream();
    quote!(#block #generated)
}

/// The only key an `impl` block's attribute takes.
fn own_root(kind: Kind, text: TokenStream, errors: &Errors) -> Option<syn::Path> {
    let Entries { literal, keyed } = attribute::parse(text, errors);
    if let Some(literal) = literal {
        errors.at(literal, format!("on an `impl` block, `{kind}` takes `crate` only; describe the methods"));
    }
    let mut root = None;
    for entry in keyed {
        if entry.name() == "crate" {
            root = entry.path("some::path", errors);
        } else {
            errors.at(&entry.key, format!("on an `impl` block, `{kind}` takes `crate` only; put `{}` on the methods", entry.name()));
        }
    }
    root
}

fn check_header(kind: Kind, block: &SourceImpl, errors: &Errors) -> bool {
    let before = errors.count();
    let header = &block.header;
    for attribute in &header.attrs {
        if let Some(other) = Kind::of_attribute(attribute) {
            errors.at(attribute, format!("`{kind}` serves all methods with attributes, of any kind; remove `{other}` here"));
        }
    }
    if let Some((path, _)) = &header.trait_ {
        errors.at(path, format!("`{kind}` goes on the type's own `impl` block, not on that of a trait; call the trait from there"));
    }
    if !header.generics.params.is_empty() || header.generics.where_clause.is_some() {
        errors.at(&header.generics, format!("`{kind}` cannot go on a generic `impl` block: name the types, as in `impl Store<Postgres>`"));
    }
    if !matches!(crate::types::bare(&header.self_ty), Type::Path(_)) {
        errors.at(&header.self_ty, "methods are served of a type with a name");
    }
    errors.count() == before
}

/// Takes the attribute that makes a method an item: its kind and the text between its parentheses.
fn take_attribute(function: &mut SourceFn, errors: &Errors) -> Option<(Kind, TokenStream)> {
    let position = function.attributes.iter().position(|attribute| Kind::of_attribute(attribute).is_some())?;
    let attribute = function.attributes.remove(position);
    let kind = Kind::of_attribute(&attribute)?;
    function.served_as = Some(attribute.path().clone());
    let text = match attribute.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens,
        Meta::NameValue(pair) => {
            errors.at(&pair.value, format!("`{kind}` takes its keys in parentheses, as in `#[{}(title = \"…\")]`", kind.word()));
            TokenStream::new()
        }
    };
    Some((kind, text))
}

/// Two items of one kind and one name, or one URI, could not be told apart.
fn check_identities(items: &[Item], errors: &Errors) {
    for (position, item) in items.iter().enumerate() {
        let (identity, tokens) = item.identity();
        if let Some(twin) = items[..position].iter().find(|earlier| earlier.kind() == item.kind() && earlier.identity().0 == identity) {
            let twin = &twin.function.ident;
            errors.at(tokens, format!("two {}s are {identity}: this one and the method `{twin}`", item.kind().word()));
        }
    }
}
