//! Reading the values of keys; every mistake names the key and shows how it is written.

use std::time::Duration;

use syn::{Expr, ExprLit, Ident, Lit, LitInt, LitStr, Path};

use super::entries::{Entry, Value};
use crate::errors::Errors;
use crate::types;

impl Entry {
    /// `key = "…"`
    pub(crate) fn text(&self, errors: &Errors) -> Option<LitStr> {
        self.literal().or_else(|| self.wants("a string", "\"…\"", errors))
    }

    fn literal(&self) -> Option<LitStr> {
        self.expression().and_then(types::literal_text).cloned()
    }

    /// `key = "…"` or `key = ["…", "…"]`, of which `read` makes something.
    pub(crate) fn list<T>(&self, read: impl Fn(&Expr) -> Option<T>, wanted: &str, errors: &Errors) -> Vec<T> {
        let example = "[\"…\", \"…\"]";
        let values: Vec<&Expr> = match self.expression() {
            Some(Expr::Array(array)) => array.elems.iter().collect(),
            Some(single) => vec![single],
            None => {
                self.wants::<()>(wanted, example, errors);
                return Vec::new();
            }
        };
        if values.is_empty() {
            errors.at(self.value_tokens(), format!("`{}` lists nothing; remove it or name something", self.key));
        }
        let read_one = |value: &&Expr| {
            let read = read(value);
            if read.is_none() {
                errors.at(value, format!("`{0}` takes {wanted}, as in `{0} = {example}`", self.key));
            }
            read
        };
        values.iter().filter_map(read_one).collect()
    }

    /// `key`, `key = true` or `key = false`
    pub(crate) fn flag(&self, errors: &Errors) -> Option<bool> {
        match (&self.value, self.expression()) {
            (Value::Nothing, _) => Some(true),
            (_, Some(Expr::Lit(ExprLit { lit: Lit::Bool(flag), .. }))) => Some(flag.value()),
            _ => {
                errors.at(self.value_tokens(), format!("`{0}` stands alone, or takes `true` or `false`, as in `{0} = false`", self.key));
                None
            }
        }
    }

    /// `key = 4096`
    pub(crate) fn whole_number(&self, errors: &Errors) -> Option<LitInt> {
        match self.expression() {
            Some(Expr::Lit(ExprLit { lit: Lit::Int(number), .. }))
                if number.suffix().is_empty() && number.base10_parse::<u64>().is_ok() =>
            {
                Some(number.clone())
            }
            _ => self.wants("a whole number", "4096", errors),
        }
    }

    /// `key = some::path`
    pub(crate) fn path(&self, example: &str, errors: &Errors) -> Option<Path> {
        match self.expression() {
            Some(Expr::Path(path)) if path.qself.is_none() => Some(path.path.clone()),
            _ => self.wants("a path, without quotes", example, errors),
        }
    }

    /// `key = Word`, one of `words`
    pub(crate) fn word(&self, words: &[&str], example: &str, errors: &Errors) -> Option<Ident> {
        let all = crate::diagnostics::list(words, "or");
        let Some(Expr::Path(path)) = self.expression() else {
            return self.wants(&format!("{all}, without quotes"), example, errors);
        };
        let word = &path.path.segments.last()?.ident;
        if words.iter().any(|known| word == known) {
            return Some(word.clone());
        }
        let hint = crate::diagnostics::did_you_mean(&word.to_string(), words.iter().copied());
        errors.at(word, format!("there is no {0} `{word}`{hint}\n`{0}` takes {all}", self.key));
        None
    }

    /// `key = "30s"`
    pub(crate) fn duration(&self, errors: &Errors) -> Option<Duration> {
        let form = format!("`{}` takes a number and `ms`, `s` or `m`, as in `\"30s\"`", self.key);
        let Some(text) = self.literal() else {
            errors.at(self.value_tokens(), form);
            return None;
        };
        let duration = parse_duration(&text.value());
        if let Err(fault) = &duration {
            errors.at(text, format!("{fault}; {form}"));
        }
        duration.ok()
    }

    fn wants<T>(&self, wanted: &str, example: &str, errors: &Errors) -> Option<T> {
        errors.at(self.value_tokens(), format!("`{0}` takes {wanted}, as in `{0} = {example}`", self.key));
        None
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "" if !number.is_empty() => return Err(format!("`{text}` has no unit")),
        unit => return Err(format!("`{unit}` is not a unit of time")),
    };
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)) {
        Some(0) => Err("no call can finish in no time".to_owned()),
        Some(milliseconds) => Ok(Duration::from_millis(milliseconds)),
        None => Err(format!("`{text}` is not a duration")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_number_and_a_unit() {
        for (text, milliseconds) in [("250ms", 250), ("30s", 30_000), ("2m", 120_000), ("5 s", 5_000)] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for (text, part) in [("30", "no unit"), ("1h", "`h` is not"), ("0s", "no time"), ("s", "not a duration"), ("", "not a unit")] {
            assert!(parse_duration(text).is_err_and(|fault| fault.contains(part)), "{text}: {:?}", parse_duration(text));
        }
    }
}
