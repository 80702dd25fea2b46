//! URIs and URI templates (RFC 6570), as far as the variables matter.

/// A variable of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// Whether it is a query or path parameter, which a URI may leave out.
    pub(crate) may_be_absent: bool,
}

/// The variables of a URI, none if it is fixed; or why it cannot be a resource's URI.
pub(crate) fn variables(uri: &str) -> Result<Vec<Variable>, String> {
    check_scheme(uri)?;
    let mut found = Vec::new();
    let mut rest = uri;
    while let Some(open) = rest.find('{') {
        check_literal(&rest[..open])?;
        let close = rest[open..].find('}').ok_or("a `{` has no `}`")? + open;
        expression(&rest[open + 1..close], &mut found)?;
        rest = &rest[close + 1..];
    }
    check_literal(rest)?;
    for (position, variable) in found.iter().enumerate() {
        if found[..position].iter().any(|earlier| earlier.name == variable.name) {
            return Err(format!("the variable `{}` appears twice", variable.name));
        }
    }
    Ok(found)
}

fn check_scheme(uri: &str) -> Result<(), String> {
    let scheme = uri.split(['{', '/', '?', '#']).next().unwrap_or_default().split_once(':').map(|(scheme, _)| scheme);
    let valid = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    match scheme {
        Some(scheme) if valid(scheme) => Ok(()),
        _ => Err("a resource's URI starts with a scheme, as in `file:///{+path}` or `config://app`".to_owned()),
    }
}

fn check_literal(text: &str) -> Result<(), String> {
    if text.contains('}') {
        return Err("a `}` has no `{`".to_owned());
    }
    match text.chars().find(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\\' | '^' | '`' | '|')) {
        Some(bad) => Err(format!("`{}` is not allowed in a URI; write it percent-encoded", bad.escape_default())),
        None => Ok(()),
    }
}

fn expression(body: &str, found: &mut Vec<Variable>) -> Result<(), String> {
    let (operator, list) = match body.chars().next() {
        None => return Err("an expression `{}` is empty".to_owned()),
        Some(operator @ ('+' | '#' | '.' | '/' | ';' | '?' | '&')) => (Some(operator), &body[1..]),
        Some('=' | ',' | '!' | '@' | '|') => return Err("the operators `= , ! @ |` are reserved".to_owned()),
        Some(_) => (None, body),
    };
    for variable in list.split(',') {
        let name = variable.strip_suffix('*').unwrap_or(variable);
        let (name, prefix) = name.split_once(':').map_or((name, None), |(name, prefix)| (name, Some(prefix)));
        if prefix.is_some_and(|prefix| prefix.parse::<u16>().is_err()) {
            return Err(format!("`{variable}` has a prefix length that is not a number"));
        }
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '%')) {
            return Err(format!("`{name}` cannot be a variable; its name may hold only letters, digits, `_` and `.`"));
        }
        found.push(Variable { name: name.to_owned(), may_be_absent: matches!(operator, Some(';' | '?' | '&')) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_in_order() {
        for (uri, expected) in [
            ("config://app", vec![]),
            ("file:///{+path}", vec![("path", false)]),
            ("repo://{owner}/{name}{?page,size*}", vec![("owner", false), ("name", false), ("page", true), ("size", true)]),
            ("s://x{/a}{;b}{&c}{#d}{.e:3}", vec![("a", false), ("b", true), ("c", true), ("d", false), ("e", false)]),
        ] {
            let found = variables(uri).expect(uri);
            let found: Vec<(&str, bool)> = found.iter().map(|v| (v.name.as_str(), v.may_be_absent)).collect();
            assert_eq!(found, expected, "{uri}");
        }
    }

    #[test]
    fn faults_are_named() {
        for (uri, part) in [
            ("app", "starts with a scheme"),
            ("/a:b", "starts with a scheme"),
            ("{scheme}://x", "starts with a scheme"),
            ("x://{a", "no `}`"),
            ("x://a}", "no `{`"),
            ("x://{}", "empty"),
            ("x://{=a}", "reserved"),
            ("x://{a b}", "`a b`"),
            ("x://{a}/{a}", "twice"),
            ("x://{a:b}", "prefix length"),
            ("x://a b", "percent-encoded"),
        ] {
            let fault = variables(uri).expect_err(uri);
            assert!(fault.contains(part), "{uri}: {fault}");
        }
    }
}
