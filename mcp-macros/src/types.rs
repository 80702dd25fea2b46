//! What can be told of a type from the way it is written.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, GenericArgument, Lit, LitStr, PathArguments, PathSegment, Type};

/// The last segment of a type's path: `State<Tree>` in `&mcp_parity::State<Tree>`'s target.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match bare(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The type without parentheses and without the invisible groups macros leave.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        ty => ty,
    }
}

/// The type arguments of a path segment: `T` and `E` of `Result<T, E>`.
pub(crate) fn type_arguments(segment: &PathSegment) -> Vec<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().filter_map(|argument| if let GenericArgument::Type(ty) = argument { Some(ty) } else { None }).collect()
        }
        _ => Vec::new(),
    }
}

/// `T` of a type written `Option<T>`.
pub(crate) fn option_of(ty: &Type) -> Option<&Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == "Option")?;
    match type_arguments(segment)[..] {
        [inner] => Some(inner),
        _ => None,
    }
}

/// What JSON a type is read from, as far as its name shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Integer,
    Float,
    Bool,
    /// An array or an object.
    Composite,
    Unknown,
}

/// The shape of a type, or of what an `Option` holds.
pub(crate) fn shape(ty: &Type) -> Shape {
    if let Some(inner) = option_of(ty) {
        return shape(inner);
    }
    let Some(segment) = last_segment(ty) else {
        return if matches!(bare(ty), Type::Array(_) | Type::Tuple(_) | Type::Slice(_)) { Shape::Composite } else { Shape::Unknown };
    };
    match segment.ident.to_string().as_str() {
        "String" | "char" | "PathBuf" => Shape::Text,
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => Shape::Integer,
        name if name.starts_with("NonZero") => Shape::Integer,
        "f32" | "f64" => Shape::Float,
        "bool" => Shape::Bool,
        "Vec" | "VecDeque" | "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" => Shape::Composite,
        _ => Shape::Unknown,
    }
}

/// A type, as a message shows it.
pub(crate) fn shown(ty: &impl ToTokens) -> String {
    let mut out = String::new();
    write_tokens(ty.to_token_stream(), &mut out);
    out
}

fn write_tokens(tokens: TokenStream, out: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                out.push_str(open);
                write_tokens(group.stream(), out);
                out.push_str(close);
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                c @ (',' | ';') => out.extend([c, ' ']),
                c @ ('+' | '=') if !out.ends_with('.') => out.extend([' ', c, ' ']),
                c => out.push(c),
            },
            word => {
                if out.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
                    out.push(' ');
                }
                out.push_str(&word.to_string());
            }
        }
    }
}

/// Whether any token, at any depth, satisfies `test`.
pub(crate) fn has_token(tokens: TokenStream, test: &impl Fn(&TokenTree) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => has_token(group.stream(), test),
        token => test(&token),
    })
}

/// Whether `impl Trait` appears in the type.
pub(crate) fn has_impl(ty: &Type) -> bool {
    has_token(ty.to_token_stream(), &|token| matches!(token, TokenTree::Ident(ident) if ident == "impl"))
}

/// Whether the type borrows from something: a reference or a lifetime other than `'static`.
pub(crate) fn borrows(ty: &Type) -> bool {
    let mut after_quote = false;
    borrows_in(ty.to_token_stream(), &mut after_quote)
}

fn borrows_in(tokens: TokenStream, after_quote: &mut bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => borrows_in(group.stream(), after_quote),
        TokenTree::Punct(punct) => {
            *after_quote = punct.as_char() == '\'';
            punct.as_char() == '&'
        }
        TokenTree::Ident(ident) => std::mem::take(after_quote) && ident != "static",
        TokenTree::Literal(_) => false,
    })
}

/// Replaces `Self` by the type it stands for.
pub(crate) fn without_self(tokens: TokenStream, owner: Option<&Type>) -> TokenStream {
    let Some(owner) = owner else { return tokens };
    let mut tokens = tokens.into_iter().peekable();
    let mut out = TokenStream::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let mut replaced = proc_macro2::Group::new(group.delimiter(), without_self(group.stream(), Some(owner)));
                replaced.set_span(group.span());
                out.extend([TokenTree::Group(replaced)]);
            }
            TokenTree::Ident(ident) if ident == "Self" => {
                let qualifies = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
                out.extend(if qualifies { qualifier(owner) } else { owner.to_token_stream() });
            }
            token => out.extend([token]),
        }
    }
    out
}

/// A type as it is written before `::name`: `Store::<Disk>` for `Store<Disk>`.
pub(crate) fn qualifier(ty: &Type) -> TokenStream {
    match bare(ty) {
        Type::Path(path) if path.qself.is_none() => {
            let mut path = path.path.clone();
            for segment in &mut path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    arguments.colon2_token.get_or_insert_default();
                }
            }
            path.into_token_stream()
        }
        ty => quote!(<#ty>),
    }
}

/// An expression without the invisible groups macros leave.
pub(crate) fn bare_expression(expression: &Expr) -> &Expr {
    match expression {
        Expr::Group(group) => bare_expression(&group.expr),
        expression => expression,
    }
}

/// The text of a string literal.
pub(crate) fn literal_text(expression: &Expr) -> Option<&LitStr> {
    match bare_expression(expression) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn shapes_are_seen_through_options_and_paths() {
        for (ty, expected) in [
            (parse_quote!(String), Shape::Text),
            (parse_quote!(Option<std::string::String>), Shape::Text),
            (parse_quote!(std::option::Option<u64>), Shape::Integer),
            (parse_quote!(NonZeroU8), Shape::Integer),
            (parse_quote!((f32)), Shape::Float),
            (parse_quote!(Vec<f32>), Shape::Composite),
            (parse_quote!([u8; 4]), Shape::Composite),
            (parse_quote!(Mode), Shape::Unknown),
        ] {
            assert_eq!(shape(&ty), expected, "{}", shown(&ty));
        }
    }

    #[test]
    fn borrows_are_seen_at_any_depth() {
        for (ty, expected) in [
            (parse_quote!(&str), true),
            (parse_quote!(Option<&str>), true),
            (parse_quote!(Cow<'_, str>), true),
            (parse_quote!(Cow<'static, str>), false),
            (parse_quote!(Vec<(u8, String)>), false),
        ] {
            assert_eq!(borrows(&ty), expected, "{}", shown(&ty));
        }
    }

    #[test]
    fn types_are_shown_as_they_are_written() {
        for text in
            ["std::collections::HashMap<String, Vec<u8>>", "[u8; 4]", "(u8, &'static str)", "&mut Tree", "Box<dyn Fn(u8)->u8 + Send>"]
        {
            let ty: Type = syn::parse_str(text).expect(text);
            assert_eq!(shown(&ty), text);
        }
    }

    #[test]
    fn self_becomes_the_owner() {
        let owner: Type = parse_quote!(store::Notes);
        let out = without_self(quote!(Result<Self, Self::Error>), Some(&owner));
        assert_eq!(out.to_string(), quote!(Result<store::Notes, store::Notes::Error>).to_string());
        let owner: Type = parse_quote!(Store<Disk>);
        let out = without_self(quote!([Self; { Self::SIZE }]), Some(&owner));
        assert_eq!(out.to_string(), quote!([Store<Disk>; { Store::<Disk>::SIZE }]).to_string());
    }
}
