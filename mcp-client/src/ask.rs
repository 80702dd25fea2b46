//! The requests of servers, typed, and how a handler's answers are written.

use mcp_core::{Elicited, Root};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use crate::handler::{ClientHandler, Offers, Refusal};

/// A request for the user's input (2026-07-28, client/elicitation).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Elicitation {
    /// A form to fill in.
    Form {
        /// Why the server asks.
        message: String,
        /// JSON Schema of a flat object.
        schema: Value,
    },
    /// A page to visit, for what must not pass through the client. Ask the user before opening it,
    /// and show the whole URL.
    Url {
        /// Why the server asks.
        message: String,
        /// The page.
        url: String,
    },
}

impl Elicitation {
    fn parse(params: &RawValue) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Params {
            mode: Option<String>,
            message: String,
            requested_schema: Option<Value>,
            url: Option<String>,
        }
        let params: Params = read(params)?;
        match (params.mode.as_deref().unwrap_or("form"), params.requested_schema, params.url) {
            ("form", Some(schema), _) => Ok(Self::Form { message: params.message, schema }),
            ("url", _, Some(url)) => Ok(Self::Url { message: params.message, url }),
            _ => Err(Refusal::invalid("the elicitation is neither a form with a schema nor a URL")),
        }
    }

    /// Why the server asks.
    pub fn message(&self) -> &str {
        match self {
            Self::Form { message, .. } | Self::Url { message, .. } => message,
        }
    }

    /// The fields of a form that have a default, set to it: where a form starts before the user changes it.
    pub fn defaults(&self) -> Value {
        let Self::Form { schema, .. } = self else { return Value::Null };
        let properties = schema.get("properties").and_then(Value::as_object);
        let fields = properties.into_iter().flatten().filter_map(|(name, field)| Some((name.clone(), field.get("default")?.clone())));
        Value::Object(fields.collect())
    }

    fn is_offered(&self, offers: Offers) -> bool {
        match self {
            Self::Form { .. } => offers.forms,
            Self::Url { .. } => offers.urls,
        }
    }
}

/// A request to the model (2026-07-28, client/sampling).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Sampling {
    /// The conversation so far.
    pub messages: Vec<SamplingMessage>,
    /// Most tokens to sample.
    pub max_tokens: u64,
    /// The system prompt the server would like.
    #[serde(default)]
    pub system_prompt: Option<String>,
    /// The temperature the server would like.
    #[serde(default)]
    pub temperature: Option<f64>,
    /// Where to stop.
    #[serde(default)]
    pub stop_sequences: Vec<String>,
    /// Everything else, as `modelPreferences` and `tools`.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct SamplingMessage {
    /// `user` or `assistant`.
    pub role: String,
    /// One block or several, as JSON.
    pub content: Value,
}

impl SamplingMessage {
    /// The text blocks, joined by newlines.
    pub fn text(&self) -> String {
        let blocks = match &self.content {
            Value::Array(blocks) => blocks.as_slice(),
            block => std::slice::from_ref(block),
        };
        let texts: Vec<&str> = blocks.iter().filter_map(|block| block.get("text")?.as_str()).collect();
        texts.join("\n")
    }
}

/// What the model said.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sampled {
    /// `assistant`, as a rule.
    pub role: String,
    /// One block or several, as JSON.
    pub content: Value,
    /// The model that was used.
    pub model: String,
    /// Why it stopped, as `endTurn`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<String>,
}

impl Sampled {
    /// Text, with the model that wrote it.
    pub fn text(model: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            role: "assistant".to_owned(),
            content: json!({"type": "text", "text": text.into()}),
            model: model.into(),
            stop_reason: Some("endTurn".to_owned()),
        }
    }
}

/// Has the handler answer a request of the server.
///
/// # Errors
/// When the handler refuses, does not offer this, or the request cannot be read.
pub(crate) async fn answer(handler: &dyn ClientHandler, offers: Offers, method: &str, params: &RawValue) -> Result<Box<RawValue>, Refusal> {
    if method != "ping"
        && let Some(answer) = handler.answer(method, params).await
    {
        return answer;
    }
    match method {
        "ping" => write(&json!({})),
        "elicitation/create" => {
            let elicitation = Elicitation::parse(params)?;
            if !elicitation.is_offered(offers) {
                return Err(Refusal::unsupported("elicitation of this mode"));
            }
            write(&ElicitResult::from(handler.elicit(elicitation).await))
        }
        "sampling/createMessage" if offers.sampling => {
            let sampling: Sampling = read(params)?;
            if sampling.other.contains_key("tools") && !offers.sampling_tools {
                return Err(Refusal::unsupported("sampling with tools"));
            }
            write(&handler.sample(sampling).await?)
        }
        "roots/list" if offers.roots => {
            let roots: Vec<Root> = handler.roots().await?;
            write(&json!({"roots": roots}))
        }
        _ => Err(Refusal::unsupported(&format!("`{method}`"))),
    }
}

#[derive(Serialize)]
struct ElicitResult {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Value>,
}

impl From<Elicited<Value>> for ElicitResult {
    fn from(elicited: Elicited<Value>) -> Self {
        Self { action: elicited.action(), content: elicited.accepted().filter(Value::is_object) }
    }
}

fn read<'a, T: Deserialize<'a>>(params: &'a RawValue) -> Result<T, Refusal> {
    serde_json::from_str(params.get()).map_err(|error| Refusal::invalid(&format!("the parameters cannot be read: {error}")))
}

fn write<T: Serialize>(result: &T) -> Result<Box<RawValue>, Refusal> {
    to_raw_value(result).map_err(|_| Refusal::new("the handler's answer cannot be written as JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Obliging;

    #[async_trait::async_trait]
    impl ClientHandler for Obliging {
        async fn elicit(&self, elicitation: Elicitation) -> Elicited<Value> {
            Elicited::Accepted(elicitation.defaults())
        }
    }

    async fn check(offers: Offers, method: &str, params: Value, expected: Result<&str, &str>) {
        let params = to_raw_value(&params).expect("a tree is valid JSON");
        let answered = answer(&Obliging, offers, method, &params).await;
        let answered = answered.as_ref().map(|result| result.get()).map_err(Refusal::message);
        assert_eq!(answered, expected, "{method}");
    }

    #[tokio::test]
    async fn only_what_is_offered_is_answered() {
        let form = json!({"message": "m", "requestedSchema": {"type": "object", "properties": {
            "a": {"type": "string", "default": "x"}, "b": {"type": "integer"}}}});
        let url = json!({"message": "m", "mode": "url", "url": "https://example.com"});
        let forms = Offers::NONE.forms();
        check(forms, "elicitation/create", form.clone(), Ok(r#"{"action":"accept","content":{"a":"x"}}"#)).await;
        check(forms, "elicitation/create", url.clone(), Err("this client offers no elicitation of this mode")).await;
        check(Offers::NONE.urls(), "elicitation/create", url, Ok(r#"{"action":"accept"}"#)).await;
        check(Offers::NONE, "elicitation/create", form, Err("this client offers no elicitation of this mode")).await;
        check(Offers::NONE, "roots/list", json!({}), Err("this client offers no `roots/list`")).await;
        check(Offers::NONE, "ping", json!({}), Ok("{}")).await;
        let tools = json!({"messages": [], "maxTokens": 1, "tools": []});
        check(Offers::NONE.sampling(), "sampling/createMessage", tools, Err("this client offers no sampling with tools")).await;
    }

    #[tokio::test]
    async fn requests_that_cannot_be_read_are_refused() {
        let forms = Offers::NONE.forms();
        check(forms, "elicitation/create", json!({"message": "m"}), Err("the elicitation is neither a form with a schema nor a URL")).await;
        check(
            forms,
            "elicitation/create",
            json!({"message": "m", "mode": "x", "url": ""}),
            Err("the elicitation is neither a form with a schema nor a URL"),
        )
        .await;
    }
}
