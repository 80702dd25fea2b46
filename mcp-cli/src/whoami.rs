//! `mcp whoami`: what a server is, and for whom it takes the caller.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use mcp_client::{Client, Server};
use serde_json::{Map, Value, json};

use crate::connect::Connect;
use crate::failure::Failure;
use crate::login;
use crate::target::Target;
use crate::terminal::{Table, say};

/// What a token says of itself that tells who holds it (RFC 7519, RFC 9068).
const CLAIMS: &[&str] = &["iss", "sub", "client_id", "email", "aud", "scope", "scp", "exp"];

/// Said of whom nothing was sent that tells. Servers may know all the same, as those do that are started with `--dev`.
const NOBODY: &str = "whom the server takes for you: nothing was sent that says who is calling";

/// Show what a server is, what is spoken, and as whom
#[derive(Args, Debug)]
#[command(override_usage = "mcp whoami [OPTIONS] <TARGET>\n       mcp whoami [OPTIONS] -- COMMAND...")]
pub(crate) struct Whoami {
    /// The server: its URL or its name in a configuration file
    target: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connect: Connect,
}

impl Whoami {
    /// Asks and shows.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let words: Vec<String> = self.target.iter().cloned().collect();
        let (target, _) = self.connect.target(&words)?;
        let mut identity = identity(&target, self.connect.token()?.as_deref(), self.connect.headers());
        let saved = match &target {
            Target::Url { url, headers } if !self.connect.tells_who(headers) => Some(url.clone()),
            _ => None,
        };
        let server = self.connect.with(target, async |client: &Client| Ok(client.server())).await?;
        // Only now: it may have been renewed, or made.
        if let Some(login) = latest(saved.as_deref()).await {
            identity.insert("caller".to_owned(), "as the saved login says".into());
            identity.extend(login::facts(&login));
        }
        if self.json { Ok(say(&format!("{:#}", as_json(&server, &identity)))?) } else { show(&server, &identity) }
    }
}

/// The saved login for a server, if it can be used.
async fn latest(url: Option<&str>) -> Option<mcp_client::oauth::Login> {
    login::latest(url?).await.ok()?.filter(|login| login.tokens.is_some())
}

/// What is known of the caller without asking anybody. Nothing of it is verified here.
fn identity(target: &Target, token: Option<&str>, headers: &[(String, String)]) -> Map<String, Value> {
    let mut identity = Map::new();
    let Target::Url { headers: of_entry, .. } = target else {
        let narrowed = std::env::var("MCP_SCOPES").ok();
        identity.insert("caller".to_owned(), "whoever starts the server".into());
        identity.extend(narrowed.map(|scopes| ("MCP_SCOPES".to_owned(), scopes.into())));
        if std::env::var_os("MCP_ACCESS_TOKEN").is_some() {
            identity.insert("caller".to_owned(), "the holder of MCP_ACCESS_TOKEN, at servers that read it".into());
        }
        return identity;
    };
    let in_header = of_entry.iter().chain(headers).rfind(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let token = token.or_else(|| in_header?.1.strip_prefix("Bearer "));
    match token.map(claims) {
        None if in_header.is_some() => drop(identity.insert("caller".to_owned(), "as the header `Authorization` says".into())),
        None => drop(identity.insert("caller".to_owned(), NOBODY.into())),
        Some(None) => drop(identity.insert("caller".to_owned(), "the holder of a token that only the server can read".into())),
        Some(Some(claims)) => {
            identity.insert("caller".to_owned(), "as the token says, which is not verified here".into());
            identity.extend(claims);
        }
    }
    identity
}

/// What a JWT says of its holder; `None` if the token is no JWT.
pub(crate) fn claims(token: &str) -> Option<Map<String, Value>> {
    let payload = token.split('.').nth(1).filter(|_| token.split('.').count() == 3)?;
    let payload: Map<String, Value> = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    Some(CLAIMS.iter().filter_map(|claim| Some(((*claim).to_owned(), payload.get(*claim)?.clone()))).collect())
}

fn as_json(server: &Server, identity: &Map<String, Value>) -> Value {
    let info = server.info.as_ref().map(|info| {
        json!({"name": info.name, "version": info.version, "title": info.title, "description": info.description, "websiteUrl": info.website_url})
    });
    json!({
        "server": info,
        "revision": server.revision.as_str(),
        "capabilities": server.capabilities,
        "instructions": server.instructions,
        "identity": identity,
    })
}

fn show(server: &Server, identity: &Map<String, Value>) -> Result<(), Failure> {
    let mut table = Table::new(["WHAT", "ANSWER"]);
    match &server.info {
        Some(info) => table.row(["server", &format!("{} {}", info.title.as_deref().unwrap_or(&info.name), info.version)]),
        None => table.row(["server", "does not say"]),
    }
    table.row(["revision", server.revision.as_str()]);
    let capabilities = server.capabilities.as_object().into_iter().flatten().map(|(name, details)| match details.as_object() {
        Some(details) if !details.is_empty() => format!("{name} ({})", details.keys().map(String::as_str).collect::<Vec<_>>().join(", ")),
        _ => name.clone(),
    });
    table.row(["capabilities", &capabilities.collect::<Vec<_>>().join(", ")]);
    for (name, value) in identity {
        table.row([name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned)]);
    }
    table.print()?;
    match &server.instructions {
        Some(instructions) => Ok(say(instructions)?),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_but_never_shown() {
        let payload = URL_SAFE_NO_PAD.encode(r#"{"sub":"ada","scope":"a b","jti":"hidden"}"#);
        let target = Target::Url { url: "http://x/".to_owned(), headers: Vec::new() };
        for (token, expected) in [
            (None, json!({"caller": "whom the server takes for you: nothing was sent that says who is calling"})),
            (Some("opaque"), json!({"caller": "the holder of a token that only the server can read"})),
            (
                Some(format!("x.{payload}.y").as_str()),
                json!({"caller": "as the token says, which is not verified here", "sub": "ada", "scope": "a b"}),
            ),
        ] {
            assert_eq!(Value::Object(identity(&target, token, &[])), expected);
        }
    }
}
