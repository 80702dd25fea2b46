//! The value that registers an item.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, LitStr};

use super::{Arguments, arguments, assertion, call, tokens};
use crate::attribute::{Hints, Scope, Task};
use crate::model::{Detail, Item, Target};
use crate::parameter::{Parameter, Plain};
use crate::types;

/// `const __ITEM: ToolDef = ToolDef::new(…)`, and its siblings.
pub(super) fn constant(item: &Item) -> TokenStream {
    let common = common(item);
    let call = call::function(item);
    match &item.detail {
        Detail::Tool => tool(item, &common, &call),
        Detail::Resource { uri } => {
            let mime_type = item.attribute.mime_type.iter();
            let size = item.attribute.size.iter();
            quote! {
                const __ITEM: __mcp::ResourceDef =
                    __mcp::ResourceDef::new(#common, #uri, #call) #(.mime_type(#mime_type))* #(.size(#size))*;
            }
        }
        Detail::Prompt => {
            // A constant of their own, because a temporary that has a destructor does not live for ever.
            let arguments = item.function.plain().map(prompt_argument);
            quote! {
                const __ARGUMENTS: &[__mcp::PromptArgument] = &[#(#arguments),*];
                const __ITEM: __mcp::PromptDef = __mcp::PromptDef::new(#common, __ARGUMENTS, #call);
            }
        }
        Detail::Completion { target, argument } => {
            let new = match target {
                Target::Prompt(prompt) => quote!(for_prompt(#common, #prompt, #argument, #call)),
                Target::Resource(template) => quote!(for_resource(#common, #template, #argument, #call)),
            };
            quote!(const __ITEM: __mcp::CompletionDef = __mcp::CompletionDef::#new;)
        }
    }
}

/// What every kind of item has.
fn common(item: &Item) -> TokenStream {
    let name = &item.name;
    let attribute = &item.attribute;
    // With the author's span, `line!()` is the line of the function's name.
    let line = quote_spanned!(item.function.ident.span()=> ::core::line!());
    let mut parts = vec![quote!(__mcp::ItemDef::new(#name, ::core::file!(), #line))];
    parts.extend(attribute.title.iter().map(|title| quote!(.title(#title))));
    parts.extend(item.description.iter().map(|description| quote!(.description(#description))));
    if !attribute.access.scopes.is_empty() {
        let scopes = attribute.access.scopes.iter().map(|scope| match scope {
            Scope::Literal(literal) => tokens(literal),
            Scope::Constant(path) => types::without_self(tokens(path), item.function.owner.as_ref()),
        });
        parts.push(quote!(.scopes(&[#(#scopes),*])));
    }
    parts.extend(attribute.access.tier.iter().map(|tier| quote!(.tier(__mcp::Tier::#tier))));
    parts.extend(attribute.access.mfa.then(|| quote!(.mfa())));
    parts.extend(list(&attribute.icons, |icon| quote!(__mcp::Icon::new(#icon))).map(|icons| quote!(.icons(&[#icons]))));
    parts.extend(list(&attribute.tags, |tag| quote!(#tag)).map(|tags| quote!(.tags(&[#tags]))));
    parts.extend(attribute.timeout.iter().map(|timeout| {
        let milliseconds = u64::try_from(timeout.as_millis()).expect("it was made from milliseconds");
        let milliseconds = proc_macro2::Literal::u64_unsuffixed(milliseconds);
        quote!(.timeout(::core::time::Duration::from_millis(#milliseconds)))
    }));
    parts.extend(attribute.meta.iter().map(|meta| quote!(.meta(#meta))));
    let states: Vec<TokenStream> = states(item).collect();
    if !states.is_empty() {
        parts.push(quote!(.requires(&[#(<#states as __mcp::FromContext>::missing),*])));
    }
    quote!(#(#parts)*)
}

/// The states that the server must have been given for the item to be of use.
fn states(item: &Item) -> impl Iterator<Item = TokenStream> {
    let owner = item.function.owner.as_ref();
    item.function.parameters.iter().filter_map(move |parameter| match parameter {
        Parameter::Receiver => Some(quote!(__mcp::State<#owner>)),
        Parameter::Injected(injected) if types::last_segment(&injected.ty).is_some_and(|segment| segment.ident == "State") => {
            Some(types::without_self(tokens(&injected.ty), owner))
        }
        _ => None,
    })
}

fn list(literals: &[LitStr], each: impl Fn(&LitStr) -> TokenStream) -> Option<TokenStream> {
    let values = literals.iter().map(each);
    (!literals.is_empty()).then(|| quote!(#(#values),*))
}

fn tool(item: &Item, common: &TokenStream, call: &TokenStream) -> TokenStream {
    let owner = item.function.owner.as_ref();
    let schema = match arguments(item) {
        Arguments::None => quote!(__mcp::schema_root::<__mcp::NoArguments>(settings)),
        Arguments::Plain => quote!(__mcp::schema_root::<__Input>(settings)),
        Arguments::Whole(ty) => {
            let assertion = assertion::whole(ty, owner);
            let ty = types::without_self(tokens(ty), owner);
            quote!({ #assertion __mcp::schema_root::<#ty>(settings) })
        }
    };
    let plain = (!matches!(arguments(item), Arguments::Whole(_))).then(|| quote!(.plain_parameters()));
    let output = item.function.output.value().map(|ty| {
        let ty = types::without_self(tokens(ty), owner);
        quote!(.output(|settings| __mcp::output_schema::<#ty>(settings)))
    });
    let hints = hints(item.attribute.hints);
    let task = item.attribute.task.map(|task| match task {
        Task::Optional => quote!(.task(__mcp::TaskSupport::Optional)),
        Task::Required => quote!(.task(__mcp::TaskSupport::Required)),
        Task::OnDemand => quote!(.task(__mcp::TaskSupport::OnDemand)),
    });
    quote! {
        const __ITEM: __mcp::ToolDef =
            __mcp::ToolDef::new(#common, |settings| #schema, #call)
                #output #hints #task #plain;
    }
}

fn hints(hints: Hints) -> Option<TokenStream> {
    let said = [
        ("read_only", hints.read_only),
        ("destructive", hints.destructive),
        ("idempotent", hints.idempotent),
        ("open_world", hints.open_world),
    ];
    let fields: Vec<TokenStream> = said
        .iter()
        .filter_map(|(name, value)| {
            let name = Ident::new(name, proc_macro2::Span::call_site());
            value.map(|value| quote!(#name: ::core::option::Option::Some(#value)))
        })
        .collect();
    match fields.len() {
        0 => None,
        4 => Some(quote!(.hints(__mcp::Hints { #(#fields),* }))),
        _ => Some(quote!(.hints(__mcp::Hints { #(#fields,)* ..__mcp::Hints::NONE }))),
    }
}

fn prompt_argument(plain: &Plain) -> TokenStream {
    let name = &plain.name;
    let description = plain.description.as_ref().map_or_else(|| quote!(""), |description| quote!(#description));
    let required = !plain.is_optional();
    quote!(__mcp::PromptArgument::new(#name, #description, #required))
}
