//! What is told of a login. Never its tokens.

use std::time::{SystemTime, UNIX_EPOCH};

use mcp_client::oauth::Login;
use serde_json::{Map, Value};

use crate::whoami::claims;

/// As whom, at which authorization server, for what and until when.
pub(crate) fn facts(login: &Login) -> Map<String, Value> {
    let mut facts = Map::new();
    let mut put = |name: &str, value: Value| drop(facts.insert(name.to_owned(), value));
    put("issuer", login.issuer.as_str().into());
    put("client", login.client.id.as_str().into());
    let Some(tokens) = &login.tokens else {
        put("scopes", "none: the login has ended".into());
        return facts;
    };
    let said = claims(&tokens.access).unwrap_or_default();
    if let Some(who) = ["email", "sub"].iter().find_map(|name| said.get(*name)) {
        put("who", who.clone());
    }
    put("scopes", tokens.scopes.join(" ").into());
    put("expires", expiry(tokens.expires_at, tokens.refresh.is_some()).into());
    facts
}

/// When a token ends, as people say it: the time on the clock of a place is nothing that this program knows.
fn expiry(end: Option<u64>, renewed: bool) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let when = match end {
        None => "the server does not say when".to_owned(),
        Some(end) if end <= now => "it has ended".to_owned(),
        Some(end) => format!("in {}", span(end - now)),
    };
    if renewed { format!("{when}; it is renewed by itself") } else { when }
}

fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_told_in_the_largest_unit_that_says_enough() {
        for (seconds, text) in [(5, "5 s"), (119, "119 s"), (3_600, "60 min"), (7_200, "2 h"), (86_400 * 9, "9 days")] {
            assert_eq!(span(seconds), text);
        }
        assert_eq!(expiry(Some(1), true), "it has ended; it is renewed by itself");
        assert_eq!(expiry(None, false), "the server does not say when");
    }
}
