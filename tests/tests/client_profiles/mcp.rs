//! What a client says to the MCP endpoint, in its revision.

use mcp_core::Revision;
use mcp_tests::authorized::{Authorized, Tokens};
use mcp_tests::client::{call, initialize, post};
use mcp_tests::protected::Answer;
use serde_json::{Value, json};

use super::connection::send;
use super::profile::Profile;

/// A client's conversation with the endpoint.
#[derive(Debug)]
pub(crate) struct Conversation<'a> {
    profile: &'a Profile,
    site: &'a Authorized,
    session: Option<String>,
}

impl<'a> Conversation<'a> {
    /// Opens a session, where the revision has them.
    pub(crate) async fn open(profile: &'a Profile, site: &'a Authorized, tokens: &Tokens) -> Self {
        let mut conversation = Self { profile, site, session: None };
        if !profile.revision.is_modern() {
            let opened = conversation.say(&initialize(profile.revision), tokens).await;
            assert_eq!(opened.status, 200, "{opened:?}");
            assert_eq!(opened.json()["result"]["protocolVersion"], profile.revision.as_str());
            conversation.session = Some(opened.header("mcp-session-id").expect("a session").to_owned());
            let noted = conversation.say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, tokens).await;
            assert_eq!(noted.status, 202, "{noted:?}");
        }
        conversation
    }

    /// The names of the tools that it is shown.
    pub(crate) async fn tools(&self, tokens: &Tokens) -> Vec<String> {
        let answer = self.say(&list(self.profile.revision), tokens).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("no tools: {answer}"));
        tools.iter().filter_map(|tool| tool["name"].as_str().map(str::to_owned)).collect()
    }

    /// Calls a tool.
    pub(crate) async fn call(&self, tool: &str, tokens: &Tokens) -> Answer {
        self.say(&call(self.profile.revision, 2, tool, "{}"), tokens).await
    }

    async fn say(&self, frame: &str, tokens: &Tokens) -> Answer {
        speak(self.profile, self.site, self.session.as_deref(), frame, Some(&tokens.access)).await
    }
}

/// The first thing that a client says, without a token.
pub(crate) async fn first(profile: &Profile, site: &Authorized) -> Answer {
    let frame = if profile.revision.is_modern() { list(profile.revision) } else { initialize(profile.revision) };
    speak(profile, site, None, &frame, None).await
}

async fn speak(profile: &Profile, site: &Authorized, session: Option<&str>, frame: &str, token: Option<&str>) -> Answer {
    let request = post(site.address, profile.revision, session, frame);
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers: Vec<(&str, &str)> = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
    send(profile, site, request.method, &request.path, &headers, frame).await
}

fn list(revision: Revision) -> String {
    let params: Value = if revision.is_modern() {
        json!({"_meta": {"io.modelcontextprotocol/protocolVersion": revision.as_str(), "io.modelcontextprotocol/clientCapabilities": {}}})
    } else {
        json!({})
    };
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params}).to_string()
}
