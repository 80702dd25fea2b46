//! Variables of the environment in configuration files.

/// Fills in `${NAME}`, `${NAME:-default}` (Claude Code) and `${env:NAME}` (VS Code, Cursor).
///
/// # Errors
/// When a variable is not set and there is no default, or it is no variable of the environment.
pub(super) fn expand(text: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        filled.push_str(&rest[..start]);
        let inside = &rest[start + 2..start + length];
        rest = &rest[start + length + 1..];
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside.strip_prefix("env:").unwrap_or(inside), None),
        };
        if name.contains(':') {
            return Err(format!("`${{{inside}}}` is something that only its own host can fill in"));
        }
        match variable(name).filter(|value| default.is_none() || !value.is_empty()).or_else(|| default.map(str::to_owned)) {
            Some(value) => filled.push_str(&value),
            None => return Err(format!("the environment variable `{name}` is not set")),
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in() {
        let known = |name: &str| match name {
            "A" => Some("1".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        for (text, expected) in [
            ("plain $A {A}", Ok("plain $A {A}")),
            ("${A}-${env:A}", Ok("1-1")),
            ("${B:-two}${EMPTY:-three}${EMPTY}", Ok("twothree")),
            ("${A", Ok("${A")),
            ("${B}", Err("the environment variable `B` is not set")),
            ("${input:key}", Err("`${input:key}` is something that only its own host can fill in")),
        ] {
            assert_eq!(expand(text, &known).as_deref().map_err(String::as_str), expected, "{text}");
        }
    }
}
