//! What a server says about how to be let in (RFC 9110, section 11.6.1; RFC 6750, section 3; RFC 9728, section 5.1).

use std::net::IpAddr;

use http::header::{HeaderMap, WWW_AUTHENTICATE};

use super::pass::Pass;

/// Most parameters that are read of all challenges of one response.
const MOST_PARAMETERS: usize = 64;

/// A refusal with the status 401 or 403.
#[derive(Debug)]
pub struct Challenge<'a> {
    /// The URL of the MCP server, as it was given to [`Builder::connect`](crate::Builder::connect).
    pub resource: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// What was sent with the request.
    pub pass: Option<&'a Pass>,
    /// How often this request was refused, counted from 1.
    pub attempt: u32,
    pub(crate) headers: &'a HeaderMap,
    /// Who answered, unless there is a proxy between.
    #[cfg_attr(not(feature = "oauth"), expect(dead_code, reason = "who signs in asks for it"))]
    pub(crate) peer: Option<IpAddr>,
}

impl Challenge<'_> {
    /// The parameters of the first challenge of an authentication scheme; `None` when there is no such challenge.
    pub fn scheme(&self, scheme: &str) -> Option<Parameters> {
        let values = self.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(parse).find(|(name, _)| name.eq_ignore_ascii_case(scheme)).map(|(_, parameters)| parameters)
    }

    /// A header of the response.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The parameters of one challenge. Names do not depend on case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The first parameter of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Reads a list of challenges. What is not one is left out.
fn parse(value: &str) -> Vec<(String, Parameters)> {
    let mut found: Vec<(String, Parameters)> = Vec::new();
    let mut rest = value;
    for _ in 0..MOST_PARAMETERS {
        rest = rest.trim_start_matches([',', ' ', '\t']);
        let (word, after) = token(rest);
        if word.is_empty() {
            break;
        }
        let spaced = after.trim_start_matches([' ', '\t']);
        match (spaced.strip_prefix('='), found.last_mut()) {
            (Some(value), Some((_, parameters))) if !value.starts_with('=') => {
                let (value, after) = argument(value.trim_start_matches([' ', '\t']));
                parameters.0.push((word.to_owned(), value));
                rest = after;
            }
            // The end of a `token68`, which no scheme of ours has.
            (Some(_), _) => rest = spaced.trim_start_matches(|other| other != ','),
            (None, _) => {
                found.push((word.to_owned(), Parameters::default()));
                rest = after;
            }
        }
    }
    found
}

fn token(text: &str) -> (&str, &str) {
    let end = text.find(|other: char| !(other.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~/".contains(other))).unwrap_or(text.len());
    text.split_at(end)
}

/// A token or a quoted string.
fn argument(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, char) in quoted.char_indices() {
        match char {
            _ if escaped => {
                value.push(char);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return (value, &quoted[at + 1..]),
            _ => value.push(char),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(value: &str) -> String {
        let challenges = parse(value).into_iter().map(|(scheme, parameters)| {
            let parameters: Vec<String> = parameters.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{scheme}[{}]", parameters.join("; "))
        });
        challenges.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn challenges_are_read_as_they_are_written() {
        for (value, expected) in [
            ("Bearer", "Bearer[]"),
            ("", ""),
            (r#"Bearer realm="a, b", scope="x y""#, "Bearer[realm=a, b; scope=x y]"),
            (
                r#"bearer error=invalid_token,  resource_metadata = "https://a/b?c=d""#,
                "bearer[error=invalid_token; resource_metadata=https://a/b?c=d]",
            ),
            (r#"Basic realm="x", Bearer scope="y""#, "Basic[realm=x] Bearer[scope=y]"),
            (r#"Negotiate YWJj==, Bearer scope="y""#, "Negotiate[] Bearer[scope=y]"),
            (r#"Bearer error_description="say \"no\" \\ now""#, r#"Bearer[error_description=say "no" \ now]"#),
            (r#"Bearer scope="never closed"#, "Bearer[scope=never closed]"),
            (r#"="x", Bearer"#, ""),
        ] {
            assert_eq!(show(value), expected, "{value}");
        }
    }

    #[test]
    fn endless_challenges_are_not_read_to_their_end() {
        assert_eq!(parse(&"Bearer a=b,".repeat(10_000)).len(), MOST_PARAMETERS / 2);
    }
}
