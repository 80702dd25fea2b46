//! How the server says that it wants to know who is calling.

use super::check::{Check, Verdict};
use super::evidence::Evidence;
use super::profile::{Client, EVERYBODY};
use super::seen::Seen;

/// A challenge (RFC 9110, section 11.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) scheme: String,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Challenge {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn is_bearer(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("Bearer")
    }
}

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "challenge.status",
        what: "a request without a token is answered 401",
        clients: EVERYBODY,
        why: "clients begin to sign in at a 401 and at nothing else; of a 200 they read only the body",
        cure: "answer 401 with `WWW-Authenticate` before the message is looked at; with mcp-parity, `mode = \"required\"` in `[auth]` \
               of mcp.toml, or \"lazy\" to open sessions without a token",
        source: "RFC 6750, section 3; MCP 2026-07-28, basic/authorization, \"Token Handling\"",
        judge: status,
    },
    Check {
        id: "challenge.syntax",
        what: "`WWW-Authenticate` can be read",
        clients: EVERYBODY,
        why: "clients that cannot read the header look for metadata where they guess it, or give up",
        cure: "write `WWW-Authenticate: Bearer resource_metadata=\"https://…\", scope=\"…\"`: a comma between parameters, and values in \
               straight double quotes; with mcp-parity, look for a proxy that rewrites the header",
        source: "RFC 9110, section 11.6.1",
        judge: syntax,
    },
    Check {
        id: "challenge.scheme",
        what: "the challenge is of the scheme `Bearer`",
        clients: EVERYBODY,
        why: "a client with an access token has no use for another scheme, and does not begin to sign in",
        cure: "answer `WWW-Authenticate: Bearer …`; with mcp-parity, look for a proxy that answers in its place, as one with `auth_basic`",
        source: "RFC 6750, section 3",
        judge: scheme,
    },
    Check {
        id: "challenge.metadata",
        what: "the challenge says where the metadata of the resource is",
        clients: EVERYBODY,
        why: "clients of 2025-06-18 look nowhere else for the authorization server",
        cure: "add `resource_metadata=\"<absolute URL of the protected resource metadata>\"` to `WWW-Authenticate`; with mcp-parity, set \
               `public_url` in mcp.toml to the URL that people type",
        source: "RFC 9728, section 5.1; MCP 2025-06-18, basic/authorization, 2.3.1",
        judge: names_metadata,
    },
    Check {
        id: "challenge.no_error",
        what: "a request without a token is not told that its token is bad",
        clients: EVERYBODY,
        why: "clients take `error=\"invalid_token\"` for the end of a login, and throw away what they have",
        cure: "leave `error` out of `WWW-Authenticate` where no token was sent",
        source: "RFC 6750, section 3.1",
        judge: no_error,
    },
    Check {
        id: "challenge.wrong_token",
        what: "a token that nobody issued is answered 401 `invalid_token`",
        clients: EVERYBODY,
        why: "clients renew or throw away a token when they are told so; a server that takes any token protects nothing",
        cure: "verify every token that is presented, and answer 401 with `WWW-Authenticate: Bearer error=\"invalid_token\", …`; with \
               mcp-parity, name a provider in `[auth]` of mcp.toml",
        source: "RFC 6750, section 3.1",
        judge: wrong_token,
    },
    Check {
        id: "challenge.offline_access",
        what: "the challenge does not ask for `offline_access`",
        clients: &[Client::ClaudeAi, Client::ClaudeCode],
        why: "it is a matter between client and authorization server, and no scope of a resource",
        cure: "take `offline_access` out of `scope` in `WWW-Authenticate`; list it in `scopes_supported` of the authorization server only",
        source: "MCP 2026-07-28, basic/authorization, \"Refresh Tokens\"",
        judge: offline_access,
    },
];

fn status(evidence: &Evidence) -> Verdict {
    let Some(anonymous) = &evidence.anonymous else { return Verdict::skip("the server was not asked") };
    if evidence.refusal().is_some() {
        return Verdict::Pass;
    }
    let asked = evidence.anonymous_call.as_ref().unwrap_or(anonymous);
    if !anonymous.headers("www-authenticate").is_empty() || !asked.headers("www-authenticate").is_empty() {
        return Verdict::Fail(format!("{}, together with a challenge that clients do not look at then", asked.describe()));
    }
    if asked.status().is_none_or(|status| status == 404 || status >= 500) || asked.location().is_some() {
        return Verdict::skip("the endpoint does not answer");
    }
    if !asked.succeeded() && !asked.is(400) {
        return Verdict::Fail(asked.describe());
    }
    if evidence.resource().is_some() {
        return Verdict::Fail(format!("{}, though the server has metadata that says how to get a token", asked.describe()));
    }
    Verdict::skip("the server asks nobody who they are")
}

fn of_refusal(evidence: &Evidence, judge: impl FnOnce(&Seen) -> Verdict) -> Verdict {
    evidence.refusal().map_or_else(|| Verdict::skip("there is no 401 to look at"), judge)
}

fn syntax(evidence: &Evidence) -> Verdict {
    of_refusal(evidence, |seen| {
        let values = seen.headers("www-authenticate");
        let broken = values.iter().find_map(|value| parse(value).err().map(|why| format!("`{value}`: {why}")));
        match broken {
            Some(found) => Verdict::Fail(found),
            None if values.is_empty() => Verdict::skip("there is no `WWW-Authenticate`"),
            None => Verdict::Pass,
        }
    })
}

fn scheme(evidence: &Evidence) -> Verdict {
    of_refusal(evidence, |seen| {
        let values = seen.headers("www-authenticate");
        let challenges = evidence.challenges();
        match challenges.iter().any(Challenge::is_bearer) {
            true => Verdict::Pass,
            false if values.is_empty() => Verdict::Fail("the 401 has no `WWW-Authenticate`".to_owned()),
            false if challenges.is_empty() => Verdict::skip("`WWW-Authenticate` cannot be read"),
            false => Verdict::Fail(format!("`WWW-Authenticate: {}`", values.join(", "))),
        }
    })
}

fn names_metadata(evidence: &Evidence) -> Verdict {
    of_refusal(evidence, |_| {
        let challenges = evidence.challenges();
        let Some(bearer) = challenges.iter().find(|challenge| challenge.is_bearer()) else {
            return Verdict::skip("there is no challenge of the scheme `Bearer` that can be read");
        };
        let Some(url) = bearer.get("resource_metadata") else {
            return Verdict::Fail("`WWW-Authenticate` has no `resource_metadata`".to_owned());
        };
        match &evidence.announced {
            _ if url::Url::parse(url).is_err() => Verdict::Fail(format!("`resource_metadata` is `{url}`, which is no absolute URL")),
            Some(seen) if seen.is_page() => Verdict::skip("what is there is a page"),
            Some(seen) => Verdict::of(seen.object().is_some(), || format!("it names `{url}`, but {}", seen.describe())),
            None => Verdict::Fail(format!("it names `{url}`, which clients must not ask: it is not `https:`, or on this machine")),
        }
    })
}

fn no_error(evidence: &Evidence) -> Verdict {
    of_refusal(evidence, |_| {
        let challenges = evidence.challenges();
        let error = challenges.iter().find_map(|challenge| challenge.get("error"));
        error.map_or(Verdict::Pass, |error| Verdict::Fail(format!("the challenge says `error=\"{error}\"`")))
    })
}

fn wrong_token(evidence: &Evidence) -> Verdict {
    let Some(seen) = &evidence.wrong_token else { return Verdict::skip("no token was tried") };
    if evidence.refusal().is_none() {
        return Verdict::skip("the server asks nobody who they are");
    }
    if !seen.is(401) {
        return Verdict::Fail(format!("with a made-up token, {}", seen.describe()));
    }
    let values = seen.headers("www-authenticate");
    let mut challenges = values.iter().filter_map(|value| parse(value).ok()).flatten();
    match challenges.any(|challenge| challenge.get("error") == Some("invalid_token")) {
        true => Verdict::Pass,
        // What is wrong with the header as such is told by the checks of it.
        false if evidence.challenges().iter().all(|challenge| !challenge.is_bearer()) => Verdict::skip("there is no challenge to compare"),
        false => Verdict::Fail("the 401 does not say `error=\"invalid_token\"`".to_owned()),
    }
}

fn offline_access(evidence: &Evidence) -> Verdict {
    of_refusal(evidence, |_| {
        let challenges = evidence.challenges();
        let mut scopes = challenges.iter().filter_map(|challenge| challenge.get("scope"));
        let asked = scopes.any(|scope| scope.split(' ').any(|scope| scope == "offline_access"));
        Verdict::of(!asked, || "the challenge asks for `offline_access`".to_owned())
    })
}

/// Most parameters that are read of one header.
const MOST: usize = 64;

/// Reads a list of challenges, as strictly as it is written down.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse(value: &str) -> Result<Vec<Challenge>, String> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = value.trim_matches([' ', '\t']);
    let mut separated = true;
    for _ in 0..MOST {
        let trimmed = rest.trim_start_matches([',', ' ', '\t']);
        separated |= rest[..rest.len() - trimmed.len()].contains(',');
        rest = trimmed;
        if rest.is_empty() {
            return Ok(found);
        }
        let (word, after) = token(rest);
        if word.is_empty() {
            return Err(format!("`{}` is where a name should be", rest.chars().next().unwrap_or_default()));
        }
        match (after.trim_start_matches([' ', '\t']).strip_prefix('='), found.last_mut()) {
            (Some(_), None) => return Err(format!("`{word}` stands before any scheme")),
            (Some(value), Some(challenge)) => {
                if !separated {
                    return Err(format!("there is no comma before `{word}`"));
                }
                let (value, after) = argument(word, value.trim_start_matches([' ', '\t']))?;
                challenge.parameters.push((word.to_owned(), value));
                (rest, separated) = (after, false);
            }
            (None, _) if !separated => return Err(format!("there is no comma before `{word}`")),
            (None, _) => {
                found.push(Challenge { scheme: word.to_owned(), parameters: Vec::new() });
                // A space, and no comma, comes before the first parameter.
                (rest, separated) = (after, true);
            }
        }
    }
    Err("there are too many parameters".to_owned())
}

fn token(text: &str) -> (&str, &str) {
    let end = text.find(|other: char| !(other.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(other))).unwrap_or(text.len());
    text.split_at(end)
}

fn argument<'t>(name: &str, text: &'t str) -> Result<(String, &'t str), String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = token(text);
        let ends = after.is_empty() || after.starts_with([',', ' ', '\t']);
        return match ends && !value.is_empty() {
            true => Ok((value.to_owned(), after)),
            false => Err(format!("the value of `{name}` is not in double quotes")),
        };
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, char) in quoted.char_indices() {
        match char {
            _ if escaped => {
                value.push(char);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Ok((value, &quoted[at + 1..])),
            _ => value.push(char),
        }
    }
    Err(format!("the quotes around the value of `{name}` are not closed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(value: &str) -> String {
        match parse(value) {
            Err(why) => format!("! {why}"),
            Ok(challenges) => {
                let shown = challenges.iter().map(|challenge| {
                    let parameters: Vec<String> = challenge.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
                    format!("{}[{}]", challenge.scheme, parameters.join("; "))
                });
                shown.collect::<Vec<_>>().join(" ")
            }
        }
    }

    #[test]
    fn challenges_are_read_as_strictly_as_they_are_written_down() {
        for (value, expected) in [
            ("Bearer", "Bearer[]"),
            (r#"Bearer resource_metadata="https://a/b", scope="x y""#, "Bearer[resource_metadata=https://a/b; scope=x y]"),
            (r#"bearer realm = "a\"b" , error=invalid_token"#, r#"bearer[realm=a"b; error=invalid_token]"#),
            (r#"Basic realm="a", Bearer scope="x""#, "Basic[realm=a] Bearer[scope=x]"),
            ("Negotiate, Bearer", "Negotiate[] Bearer[]"),
            (r#", Bearer scope="x",,"#, "Bearer[scope=x]"),
            ("", ""),
            ("Bearer scope=https://a/b", "! the value of `scope` is not in double quotes"),
            ("Bearer scope=", "! the value of `scope` is not in double quotes"),
            (r#"Bearer scope="x"#, "! the quotes around the value of `scope` are not closed"),
            (r#"Bearer realm="a" scope="x""#, "! there is no comma before `scope`"),
            (r#"resource_metadata="https://a""#, "! `resource_metadata` stands before any scheme"),
            ("Bearer scope=“x”", "! the value of `scope` is not in double quotes"),
            (r#"Bearer resource_metadata="https://a, scope="x y""#, "! there is no comma before `x`"),
            ("\"Bearer\"", "! `\"` is where a name should be"),
        ] {
            assert_eq!(show(value), expected, "{value}");
        }
    }

    #[test]
    fn a_header_without_end_is_read_to_a_bound() {
        assert!(show(&"a=b,".repeat(1_000)).starts_with('!'));
        assert_eq!(show(&format!("Bearer {}", "a=b,".repeat(1_000))), "! there are too many parameters");
    }

    /// What the checks of the challenge say of a refusal without a token.
    fn failures(status: u16, headers: &[(&'static str, &str)]) -> Vec<&'static str> {
        let anonymous = Some(Seen::made_up(status, headers, "{}"));
        let announced = Some(Seen::document(&serde_json::json!({})));
        let evidence = Evidence { anonymous, announced, ..Evidence::default() };
        let failed = CHECKS.iter().filter(|check| matches!((check.judge)(&evidence), Verdict::Fail(_)));
        failed.map(|check| check.id).collect()
    }

    #[test]
    fn each_check_finds_its_own() {
        let metadata = r#"resource_metadata="https://a/b""#;
        for (status, value, expected) in [
            (401, format!("Bearer {metadata}"), &[][..]),
            (401, "Bearer".to_owned(), &["challenge.metadata"]),
            (401, r#"Bearer resource_metadata="/b""#.to_owned(), &["challenge.metadata"]),
            (401, format!("Bearer error=\"invalid_token\", {metadata}"), &["challenge.no_error"]),
            (401, format!("Bearer scope=\"a offline_access\", {metadata}"), &["challenge.offline_access"]),
            (401, format!("Digest {metadata}"), &["challenge.scheme"]),
            (401, "Bearer a=".to_owned(), &["challenge.syntax"]),
            (403, format!("Bearer {metadata}"), &["challenge.status"]),
            (200, format!("Bearer {metadata}"), &["challenge.status"]),
        ] {
            assert_eq!(failures(status, &[("www-authenticate", &value)]), expected, "{status} {value}");
        }
        assert_eq!(failures(401, &[]), ["challenge.scheme"]);
        assert_eq!(failures(500, &[]), [""; 0]);
    }
}
