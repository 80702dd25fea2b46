//! What an attribute was written on, with bodies left alone.
//!
//! Bodies are not parsed: a macro that does not look inside cannot fail on syntax it does
//! not know, nor on the half-written code an editor sends.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, ImplItem, ItemImpl, Path, Signature, Token, Visibility, parse_quote, token};

use crate::kind::Kind;

/// What an attribute says that has been read already.
const SERVED: &str = "__served";

/// Whether the text of an attribute says that it has been read already.
pub(crate) fn is_served(text: &TokenStream) -> bool {
    text.to_string() == SERVED
}

/// An item with an attribute.
pub(crate) enum Source {
    Function(SourceFn),
    Impl(SourceImpl),
    Other,
}

impl Source {
    pub(crate) fn parse(item: TokenStream) -> syn::Result<Self> {
        let is_impl = |input: ParseStream<'_>| input.peek(Token![impl]) || (input.peek(Token![unsafe]) && input.peek2(Token![impl]));
        let parser = |input: ParseStream<'_>| {
            let ahead = input.fork();
            ahead.call(Attribute::parse_outer)?;
            if is_impl(&ahead) {
                return input.parse().map(Self::Impl);
            }
            ahead.parse::<Visibility>()?;
            if starts_function(&ahead) {
                return input.parse().map(Self::Function);
            }
            input.parse::<TokenStream>()?;
            Ok(Self::Other)
        };
        syn::parse::Parser::parse2(parser, item)
    }
}

/// Whether a function's qualifiers or its `fn` come next.
fn starts_function(input: ParseStream<'_>) -> bool {
    let qualified = input.peek(Token![async]) || input.peek(Token![unsafe]) || input.peek(Token![extern]) || input.peek(Token![const]);
    input.peek(Token![fn])
        || (qualified
            && (input.peek2(Token![fn]) || input.peek2(Token![async]) || input.peek2(Token![unsafe]) || input.peek2(Token![extern])))
        || (input.peek(Token![extern]) && input.peek2(syn::LitStr) && !input.peek3(token::Brace))
}

/// A function, its body unread.
pub(crate) struct SourceFn {
    pub(crate) attributes: Vec<Attribute>,
    /// The attribute that the `impl` block has read. It is written back, with a mark that
    /// makes it do nothing, so that the compiler finds what it names and sees that it is used.
    pub(crate) served_as: Option<Path>,
    visibility: Visibility,
    pub(crate) signature: Signature,
    body: Group,
}

impl Parse for SourceFn {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            served_as: None,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: body(input)?,
        })
    }
}

fn body(input: ParseStream<'_>) -> syn::Result<Group> {
    match input.parse()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Ok(group),
        other => Err(syn::Error::new_spanned(other, "expected the function's body")),
    }
}

impl SourceFn {
    /// Removes the attributes that have been read.
    pub(crate) fn remove_helpers(&mut self) {
        self.attributes.retain(|attribute| {
            let helper = ["arg", "inject"].iter().any(|name| attribute.path().is_ident(name));
            !helper && Kind::of_attribute(attribute).is_none()
        });
        for input in &mut self.signature.inputs {
            let attributes = match input {
                FnArg::Receiver(receiver) => &mut receiver.attrs,
                FnArg::Typed(typed) => &mut typed.attrs,
            };
            attributes
                .retain(|attribute| !["arg", "inject", "doc", "serde", "schemars"].iter().any(|name| attribute.path().is_ident(name)));
        }
    }

    /// Silences lints about what the macros demand: owned arguments, one parameter each.
    pub(crate) fn allow_lints(&mut self) {
        if self.signature.inputs.iter().any(|input| matches!(input, FnArg::Typed(_))) {
            self.attributes.push(parse_quote!(#[allow(clippy::needless_pass_by_value)]));
        }
        if self.signature.inputs.len() > 7 {
            self.attributes.push(parse_quote!(#[allow(clippy::too_many_arguments)]));
        }
    }
}

impl ToTokens for SourceFn {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        if let Some(path) = &self.served_as {
            let mark = Ident::new(SERVED, Span::call_site());
            tokens.append_all(quote!(#[#path(#mark)]));
        }
        tokens.append_all(&self.attributes);
        self.visibility.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

/// An `impl` block, the bodies of its functions unread.
pub(crate) struct SourceImpl {
    /// Everything but the members.
    pub(crate) header: ItemImpl,
    pub(crate) members: Vec<Member>,
}

/// A member of an `impl` block.
pub(crate) enum Member {
    Function(Box<SourceFn>),
    Other(TokenStream),
}

impl Parse for SourceImpl {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut tokens: Vec<TokenTree> = input.parse::<TokenStream>()?.into_iter().collect();
        let members = match tokens.pop() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group,
            _ => return Err(input.error("expected the members of the `impl` block")),
        };
        let mut empty = Group::new(Delimiter::Brace, TokenStream::new());
        empty.set_span(members.span());
        tokens.push(TokenTree::Group(empty));
        let header = tokens.into_iter().collect();
        Ok(Self { header: syn::parse2(header)?, members: syn::parse::Parser::parse2(parse_members, members.stream())? })
    }
}

fn parse_members(input: ParseStream<'_>) -> syn::Result<Vec<Member>> {
    let mut members = Vec::new();
    for attribute in Attribute::parse_inner(input)? {
        members.push(Member::Other(attribute.to_token_stream()));
    }
    while !input.is_empty() {
        let ahead = input.fork();
        members.push(if let Ok(function) = ahead.parse() {
            input.advance_to(&ahead);
            Member::Function(Box::new(function))
        } else {
            Member::Other(input.parse::<ImplItem>()?.into_token_stream())
        });
    }
    Ok(members)
}

impl ToTokens for SourceImpl {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        // The header ends with its empty block; the members take that block's place.
        let header: Vec<TokenTree> = self.header.to_token_stream().into_iter().collect();
        let (_, header) = header.split_last().expect("an impl block ends with braces");
        tokens.append_all(header);
        self.header.brace_token.surround(tokens, |tokens| tokens.append_all(&self.members));
    }
}

impl ToTokens for Member {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Function(function) => function.to_tokens(tokens),
            Self::Other(other) => other.to_tokens(tokens),
        }
    }
}
