//! `range = 1..=1000`

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, ExprRange, ExprUnary, Lit, RangeLimits, UnOp};

use crate::attribute::Entry;
use crate::errors::Errors;

/// The values a number may have.
pub(crate) struct Range(ExprRange);

impl Range {
    pub(super) fn read(entry: &Entry, errors: &Errors) -> Option<Self> {
        let range = match entry.expression() {
            Some(Expr::Range(range)) if range.start.is_some() || range.end.is_some() => Some(Self(range.clone())),
            _ => None,
        };
        match &range {
            None => errors.at(entry.value_tokens(), "`range` takes bounds, as in `range = 1..=1000`, `1..` or `..=1000`"),
            Some(range) if range.is_empty() => errors.at(&range.0, "this range is empty: no value is in it"),
            Some(_) => {}
        }
        range
    }

    /// Whether a number is in the range, as far as its bounds are literals.
    pub(super) fn may_contain(&self, value: f64) -> bool {
        let above = self.0.start.as_deref().and_then(number).is_none_or(|least| value >= least);
        let below = self.0.end.as_deref().and_then(number).is_none_or(|most| if self.is_closed() { value <= most } else { value < most });
        above && below
    }

    fn is_empty(&self) -> bool {
        let (Some(least), Some(most)) = (self.0.start.as_deref().and_then(number), self.0.end.as_deref().and_then(number)) else {
            return false;
        };
        if self.is_closed() { least > most } else { least >= most }
    }

    fn is_closed(&self) -> bool {
        matches!(self.0.limits, RangeLimits::Closed(_))
    }

    /// The range's type, of which `T` is left to say: `RangeInclusive`.
    pub(crate) fn type_name(&self) -> &'static str {
        match (&self.0.start, self.is_closed(), &self.0.end) {
            (Some(_), true, _) => "RangeInclusive",
            (None, true, _) => "RangeToInclusive",
            (Some(_), false, Some(_)) => "Range",
            (Some(_), false, None) => "RangeFrom",
            (None, false, _) => "RangeTo",
        }
    }

    /// The `#[schemars(…)]` that tells of the range.
    pub(crate) fn schema(&self) -> TokenStream {
        let mut bounds = Vec::new();
        let mut exclusive = None;
        if let Some(start) = &self.0.start {
            let start = with_suffix(start);
            bounds.push(quote!(min = #start));
        }
        match self.0.end.as_deref() {
            Some(end) if self.is_closed() => {
                let end = with_suffix(end);
                bounds.push(quote!(max = #end));
            }
            // For whole numbers, below 10 is up to 9; a schema that says so is understood everywhere.
            Some(end) => match integer(end) {
                Some(end) => {
                    let last = signed(end - 1);
                    bounds.push(quote!(max = #last));
                }
                None => exclusive = Some(quote!(extend("exclusiveMaximum" = #end))),
            },
            None => {}
        }
        let range = (!bounds.is_empty()).then(|| quote!(range(#(#bounds),*)));
        let parts: Vec<TokenStream> = range.into_iter().chain(exclusive).collect();
        quote!(#(#parts),*)
    }
}

impl ToTokens for Range {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// The value of a literal, which may be negative.
pub(super) fn number(expression: &Expr) -> Option<f64> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => literal.base10_digits().parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Float(literal), .. }) => literal.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => number(expr).map(|value| -value),
        Expr::Group(group) => number(&group.expr),
        Expr::Paren(paren) => number(&paren.expr),
        _ => None,
    }
}

fn integer(expression: &Expr) -> Option<i128> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => literal.base10_digits().parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => integer(expr).map(|value| -value),
        Expr::Group(group) => integer(&group.expr),
        Expr::Paren(paren) => integer(&paren.expr),
        _ => None,
    }
}

/// A bound for schemars, which takes an unsuffixed literal for an `i32`.
fn with_suffix(bound: &Expr) -> TokenStream {
    match integer(bound) {
        Some(value) if i32::try_from(value).is_err() => signed(value),
        _ => bound.to_token_stream(),
    }
}

fn signed(value: i128) -> TokenStream {
    let size = proc_macro2::Literal::u128_unsuffixed(value.unsigned_abs());
    let size = match (i32::try_from(value), i64::try_from(value)) {
        (Ok(_), _) => size.to_token_stream(),
        (Err(_), Ok(value)) => proc_macro2::Literal::u64_suffixed(value.unsigned_abs()).to_token_stream(),
        (Err(_), Err(_)) => u64::try_from(value)
            .map_or_else(|_| size.to_token_stream(), |value| proc_macro2::Literal::u64_suffixed(value).to_token_stream()),
    };
    if value < 0 { quote!(-#size) } else { size }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn schemas_say_what_ranges_mean() {
        for (range, expected) in [
            (parse_quote!(1..=1000), quote!(range(min = 1, max = 1000))),
            (parse_quote!(1..), quote!(range(min = 1))),
            (parse_quote!(..=10), quote!(range(max = 10))),
            (parse_quote!(1..10), quote!(range(min = 1, max = 9))),
            (parse_quote!(-5..0), quote!(range(min = -5, max = -1))),
            (parse_quote!(0..=5_000_000_000), quote!(range(min = 0, max = 5000000000u64))),
            (parse_quote!(0.0..1.0), quote!(range(min = 0.0), extend("exclusiveMaximum" = 1.0))),
            (parse_quote!(..LIMIT), quote!(extend("exclusiveMaximum" = LIMIT))),
            (parse_quote!(LEAST..=MOST), quote!(range(min = LEAST, max = MOST))),
        ] {
            assert_eq!(Range(range).schema().to_string(), expected.to_string());
        }
    }

    #[test]
    fn literals_are_compared() {
        let range = Range(parse_quote!(-1..=10));
        assert!(range.may_contain(-1.0) && range.may_contain(10.0) && !range.may_contain(11.0));
        assert!(Range(parse_quote!(A..=B)).may_contain(1e9));
        assert!(Range(parse_quote!(5..5)).is_empty() && Range(parse_quote!(5..=4)).is_empty() && !Range(parse_quote!(5..=5)).is_empty());
    }
}
