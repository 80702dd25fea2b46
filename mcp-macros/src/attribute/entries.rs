//! The text of an attribute: keys, most with a value.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Token, token};

use crate::errors::Errors;
use crate::types;

/// `key`, `key = value` or `key(…)`.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// What follows a key.
#[derive(Clone)]
pub(crate) enum Value {
    Nothing,
    Is(Box<Expr>),
    Parenthesized,
}

impl Entry {
    /// The key as the author wrote it.
    pub(crate) fn name(&self) -> String {
        self.key.unraw().to_string()
    }

    /// The value, if there is one.
    pub(crate) fn expression(&self) -> Option<&Expr> {
        match &self.value {
            Value::Is(value) => Some(types::bare_expression(value)),
            Value::Nothing | Value::Parenthesized => None,
        }
    }

    /// The tokens to point at: the value, or the key if it has none.
    pub(crate) fn value_tokens(&self) -> TokenStream {
        match &self.value {
            Value::Is(value) => value.to_token_stream(),
            Value::Nothing | Value::Parenthesized => self.key.to_token_stream(),
        }
    }
}

/// What an attribute says, in order.
#[derive(Default)]
pub(crate) struct Entries {
    /// A string before all keys, as in `#[resource("file:///{+path}")]`.
    pub(crate) literal: Option<LitStr>,
    pub(crate) keyed: Vec<Entry>,
}

/// Reads `text`; what cannot be read is reported and skipped up to the next comma.
pub(crate) fn parse(text: TokenStream, errors: &Errors) -> Entries {
    let parser = |input: ParseStream<'_>| {
        let mut entries = Entries::default();
        while !input.is_empty() {
            if let Err(error) = parse_one(input, &mut entries) {
                errors.push(error);
                skip_to_comma(input)?;
            }
            if !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
                errors.push(input.error("expected a comma before this"));
                skip_to_comma(input)?;
                input.parse::<Option<Token![,]>>()?;
            }
        }
        Ok(entries)
    };
    parser.parse2(text).unwrap_or_else(|error| {
        errors.push(error);
        Entries::default()
    })
}

fn parse_one(input: ParseStream<'_>, entries: &mut Entries) -> syn::Result<()> {
    if input.peek(syn::Lit) {
        return match input.parse()? {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if entries.literal.is_none() && entries.keyed.is_empty() => {
                entries.literal = Some(text);
                Ok(())
            }
            other => Err(syn::Error::new_spanned(other, "a value needs its key, as in `title = \"…\"`")),
        };
    }
    let key = input.call(Ident::parse_any)?;
    let value = if input.parse::<Option<Token![=]>>()?.is_some() {
        if input.is_empty() || input.peek(Token![,]) {
            return Err(syn::Error::new_spanned(&key, format!("`{key} =` needs a value")));
        }
        Value::Is(input.parse()?)
    } else if input.peek(token::Paren) {
        input.parse::<TokenTree>()?;
        Value::Parenthesized
    } else {
        Value::Nothing
    };
    entries.keyed.push(Entry { key, value });
    Ok(())
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
