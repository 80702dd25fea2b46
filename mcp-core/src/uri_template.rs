//! URI templates (RFC 6570), read backwards: which values make this URI?

use std::borrow::Cow;
use std::fmt;

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UriTemplate {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Expression { operator: Operator, variables: Vec<Variable> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Variable {
    name: String,
    explode: bool,
    prefix: Option<usize>,
}

/// Expression operators (RFC 6570, section 2.2 and appendix A).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Simple,
    Reserved,
    Fragment,
    Label,
    Path,
    Parameter,
    Query,
    Continuation,
}

impl Operator {
    /// What the expansion starts with.
    fn first(self) -> &'static str {
        match self {
            Self::Simple | Self::Reserved => "",
            Self::Fragment => "#",
            Self::Label => ".",
            Self::Path => "/",
            Self::Parameter => ";",
            Self::Query => "?",
            Self::Continuation => "&",
        }
    }

    fn separator(self) -> char {
        match self {
            Self::Simple | Self::Reserved | Self::Fragment => ',',
            Self::Label => '.',
            Self::Path => '/',
            Self::Parameter => ';',
            Self::Query | Self::Continuation => '&',
        }
    }

    fn is_named(self) -> bool {
        matches!(self, Self::Parameter | Self::Query | Self::Continuation)
    }

    fn keeps_reserved(self) -> bool {
        matches!(self, Self::Reserved | Self::Fragment)
    }
}

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{template}` is not a URI template: {reason}")]
pub struct InvalidTemplate {
    template: String,
    reason: &'static str,
}

impl UriTemplate {
    pub(crate) fn parse(template: &str) -> Result<Self, InvalidTemplate> {
        let fail = |reason| InvalidTemplate { template: template.to_owned(), reason };
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            let (literal, tail) = rest.split_at(open);
            if literal.contains('}') {
                return Err(fail("a `}` has no `{`"));
            }
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            let close = tail.find('}').ok_or_else(|| fail("a `{` has no `}`"))?;
            parts.push(parse_expression(&tail[1..close]).map_err(fail)?);
            rest = &tail[close + 1..];
        }
        if rest.contains('}') {
            return Err(fail("a `}` has no `{`"));
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The names of its variables, in order.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts
            .iter()
            .flat_map(|part| match part {
                Part::Literal(_) => &[][..],
                Part::Expression { variables, .. } => variables,
            })
            .map(|variable| variable.name.as_str())
    }

    /// The values that make `uri`, if there are any. Variables that are absent are left out.
    pub(crate) fn matches<'u>(&'u self, uri: &'u str) -> Option<Vec<(Cow<'u, str>, Cow<'u, str>)>> {
        if uri.len() > MAX_URI_BYTES {
            return None;
        }
        let mut values = Vec::new();
        matches_parts(&self.parts, uri, &mut values, &mut 0).then_some(values)
    }
}

fn parse_expression(body: &str) -> Result<Part, &'static str> {
    let (operator, list) = match body.as_bytes().first() {
        None => return Err("an expression `{}` is empty"),
        Some(b'+') => (Operator::Reserved, &body[1..]),
        Some(b'#') => (Operator::Fragment, &body[1..]),
        Some(b'.') => (Operator::Label, &body[1..]),
        Some(b'/') => (Operator::Path, &body[1..]),
        Some(b';') => (Operator::Parameter, &body[1..]),
        Some(b'?') => (Operator::Query, &body[1..]),
        Some(b'&') => (Operator::Continuation, &body[1..]),
        Some(b'=' | b',' | b'!' | b'@' | b'|') => return Err("the operators `= , ! @ |` are reserved"),
        Some(_) => (Operator::Simple, body),
    };
    let variables = list.split(',').map(parse_variable).collect::<Result<Vec<_>, _>>()?;
    Ok(Part::Expression { operator, variables })
}

fn parse_variable(text: &str) -> Result<Variable, &'static str> {
    let (name, explode) = text.strip_suffix('*').map_or((text, false), |name| (name, true));
    let (name, prefix) = match name.split_once(':') {
        Some((name, length)) => (name, Some(length.parse().map_err(|_| "a prefix length is not a number")?)),
        None => (name, None),
    };
    let valid = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'%'));
    if !valid {
        return Err("a variable name may hold only letters, digits, `_` and `.`");
    }
    Ok(Variable { name: name.to_owned(), explode, prefix })
}

/// The longest URI that is matched, in bytes. What no template makes expensive may still be long.
pub(crate) const MAX_URI_BYTES: usize = 8 * 1_024;
/// Most bytes looked at for one URI, each as often as it is looked at again, so that no template makes a request expensive.
const MAX_WORK: usize = 1_024 * 1_024;

type Values<'u> = Vec<(Cow<'u, str>, Cow<'u, str>)>;

fn matches_parts<'u>(parts: &'u [Part], uri: &'u str, values: &mut Values<'u>, work: &mut usize) -> bool {
    *work += 1;
    if *work > MAX_WORK {
        return false;
    }
    let Some((part, rest)) = parts.split_first() else { return uri.is_empty() };
    match part {
        Part::Literal(literal) => uri.strip_prefix(literal.as_str()).is_some_and(|uri| matches_parts(rest, uri, values, work)),
        Part::Expression { operator, variables } => {
            // The longest expansion first, so that `{+path}` takes as much as it can.
            let mut end = uri.len();
            loop {
                let kept = values.len();
                *work += end + 1;
                if take_expression(*operator, variables, &uri[..end], values) && matches_parts(rest, &uri[end..], values, work) {
                    return true;
                }
                values.truncate(kept);
                if end == 0 || *work > MAX_WORK {
                    return false;
                }
                end = uri[..end].char_indices().next_back().map_or(0, |(at, _)| at);
            }
        }
    }
}

fn take_expression<'u>(operator: Operator, variables: &'u [Variable], text: &'u str, values: &mut Values<'u>) -> bool {
    if text.is_empty() {
        // An expression whose variables are all undefined expands to nothing; a single plain
        // variable must have a value, or `x://{id}` would match `x://`.
        return operator.is_named() || !operator.first().is_empty();
    }
    let Some(body) = text.strip_prefix(operator.first()) else { return false };
    if operator.is_named() {
        return take_named(operator, variables, body, values);
    }
    if let [variable] = variables {
        let separates = operator == Operator::Label || operator == Operator::Path;
        if variable.explode && separates {
            return push(variable, operator, body, values, true);
        }
        return !(separates && body.contains(operator.separator())) && push(variable, operator, body, values, false);
    }
    let mut pieces = body.splitn(variables.len(), operator.separator());
    variables.iter().all(|variable| match pieces.next() {
        Some(piece) => push(variable, operator, piece, values, false),
        None => true,
    })
}

fn take_named<'u>(operator: Operator, variables: &'u [Variable], body: &'u str, values: &mut Values<'u>) -> bool {
    body.split(operator.separator()).all(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match variables.iter().find(|variable| variable.name == name) {
            Some(variable) => values.iter().all(|(known, _)| known != name) && push_value(variable, value, values),
            None => false,
        }
    })
}

fn push<'u>(variable: &'u Variable, operator: Operator, text: &'u str, values: &mut Values<'u>, slashes: bool) -> bool {
    let allowed = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'%')
            || !byte.is_ascii()
            || (slashes && byte == operator.separator() as u8)
            || (operator == Operator::Simple && byte == b',' && variable.explode)
            || (operator.keeps_reserved() && b":/?#[]@!$&'()*+,;=".contains(&byte))
    };
    text.bytes().all(allowed) && (!text.is_empty() || operator.keeps_reserved()) && push_value(variable, text, values)
}

fn push_value<'u>(variable: &'u Variable, text: &'u str, values: &mut Values<'u>) -> bool {
    let Some(value) = percent_decode(text) else { return false };
    if variable.prefix.is_some_and(|most| value.chars().count() > most) {
        return false;
    }
    values.push((Cow::Borrowed(variable.name.as_str()), value));
    true
}

/// Decodes `%XX`; `None` when that is malformed or not UTF-8.
fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = char::from(rest.next()?).to_digit(16)?;
        let low = char::from(rest.next()?).to_digit(16)?;
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

impl fmt::Display for UriTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("URI template")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, uri: &str, expected: Option<&[(&str, &str)]>) {
        let template = UriTemplate::parse(template).expect("the case's template is valid");
        let found = template.matches(uri);
        let found: Option<Vec<(&str, &str)>> =
            found.as_ref().map(|values| values.iter().map(|(name, value)| (&**name, &**value)).collect());
        assert_eq!(found.as_deref(), expected, "{uri}");
    }

    #[test]
    fn uris_are_read_back_into_values() {
        check("test://{id}/data", "test://42/data", Some(&[("id", "42")]));
        check("test://{id}/data", "test:///data", None);
        check("test://{id}/data", "test://4/2/data", None);
        check("file:///{+path}", "file:///src/main.rs", Some(&[("path", "src/main.rs")]));
        check("file:///{path}", "file:///src/main.rs", None);
        check("file:///{path}", "file:///a%2Fb", Some(&[("path", "a/b")]));
        check("repo://{owner}/{name}", "repo://a/b", Some(&[("owner", "a"), ("name", "b")]));
        check("map://{x,y}", "map://1,2", Some(&[("x", "1"), ("y", "2")]));
        check("s://q{?text,page}", "s://q?text=a%20b&page=2", Some(&[("text", "a b"), ("page", "2")]));
        check("s://q{?text,page}", "s://q?page=2", Some(&[("page", "2")]));
        check("s://q{?text,page}", "s://q", Some(&[]));
        check("s://q{?text}", "s://q?other=1", None);
        check("s://x{/a,b}", "s://x/1/2", Some(&[("a", "1"), ("b", "2")]));
        check("s://x{/rest*}", "s://x/1/2/3", Some(&[("rest", "1/2/3")]));
        check("s://x{.ext}", "s://x.rs", Some(&[("ext", "rs")]));
        check("s://x{#part}", "s://x#a/b", Some(&[("part", "a/b")]));
        check("s://{id}", "s://%zz", None);
        check("s://{id}", "s://%ff", None);
        check("s://{id:2}", "s://abc", None);
    }

    #[test]
    fn broken_templates_say_why() {
        for (template, reason) in [
            ("x://{", "a `{` has no `}`"),
            ("x://}", "a `}` has no `{`"),
            ("x://{}", "an expression `{}` is empty"),
            ("x://{=a}", "the operators `= , ! @ |` are reserved"),
            ("x://{a b}", "a variable name may hold only letters, digits, `_` and `.`"),
        ] {
            assert_eq!(UriTemplate::parse(template).expect_err(template).reason, reason);
        }
    }

    #[test]
    fn a_hostile_uri_ends_soon() {
        let template = UriTemplate::parse("{+a}{+b}{+c}{+d}{+e}x").expect("valid");
        assert_eq!(template.matches(&"y".repeat(2_000)), None);
    }
}
