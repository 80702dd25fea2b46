//! From the tokens of an attribute and its item to the tokens that replace them.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};

use crate::errors::Errors;
use crate::expand;
use crate::impl_block;
use crate::kind::Kind;
use crate::model::Item;
use crate::root::Root;
use crate::source::{self, Source, SourceFn};

/// Runs an attribute. Whatever is wrong with it, the author's item is in the output.
pub(crate) fn run(kind: Kind, root: Root, attribute: TokenStream, item: TokenStream) -> TokenStream {
    if source::is_served(&attribute) {
        return item;
    }
    let errors = Errors::new();
    let output = match Source::parse(item.clone()) {
        Ok(Source::Function(function)) => free_function(kind, root, attribute, function, &errors),
        Ok(Source::Impl(block)) => impl_block::expand(kind, root, attribute, block, &errors),
        Ok(Source::Other) => {
            errors.at_span(Span::call_site(), kind.usage());
            item
        }
        Err(error) => {
            errors.push(error);
            item
        }
    };
    let errors = errors.into_compile_errors();
    quote!(#output #errors)
}

fn free_function(kind: Kind, root: Root, attribute: TokenStream, mut function: SourceFn, errors: &Errors) -> TokenStream {
    let item = Item::check(kind, attribute, &function, None, errors);
    let generated = item.map(|item| expand::item(&item, &root.or(item.attribute.root.as_ref())));
    function.remove_helpers();
    function.allow_lints();
    let mut output = function.into_token_stream();
    output.extend(generated);
    output
}
