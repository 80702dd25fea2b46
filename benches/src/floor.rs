//! The least a server can do and still answer correctly.
//!
//! Both floors share this: one pass of serde into a typed struct, the answer serialised from a typed struct, and a
//! list that was rendered at start. There is no registry, no validation, no authorization and no protocol beyond
//! what the benchmark asks for, so what a real server costs above its floor is what its features cost.

use serde::{Deserialize, Serialize, de::IgnoredAny};

use crate::workload::{Revision, extra_tool};

/// Answers the benchmark's requests and nothing else.
#[derive(Debug)]
pub struct Floor {
    tools: String,
}

#[derive(Deserialize)]
struct Request<'a> {
    jsonrpc: &'a str,
    id: Option<u64>,
    method: &'a str,
    #[serde(borrow)]
    params: Option<Params<'a>>,
}

#[derive(Deserialize)]
struct Params<'a> {
    name: Option<&'a str>,
    arguments: Option<Arguments>,
    #[serde(rename = "_meta")]
    meta: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Arguments {
    a: Option<i64>,
    b: Option<i64>,
    text: Option<String>,
}

#[derive(Serialize)]
struct Response<R> {
    jsonrpc: &'static str,
    id: u64,
    result: R,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult {
    content: [Text; 1],
    is_error: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<&'static str>,
}

#[derive(Serialize)]
struct Text {
    r#type: &'static str,
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tool {
    name: String,
    description: String,
    input_schema: serde_json::Value,
}

impl Floor {
    /// Renders the list of `tools` tools: `add`, `echo` and further trivial ones.
    ///
    /// # Panics
    /// Never: a list of strings always serialises.
    #[must_use]
    pub fn new(tools: usize) -> Self {
        let mut list = vec![
            Tool::new("add", "Adds two integers.", &[("a", "integer"), ("b", "integer")]),
            Tool::new("echo", "Returns the text it was given.", &[("text", "string")]),
        ];
        list.extend((list.len()..tools).map(|n| {
            let (name, description) = extra_tool(n);
            Tool::new(&name, &description, &[("value", "integer")])
        }));
        Self { tools: serde_json::to_string(&list).expect("a list of strings serialises") }
    }

    /// Writes the answer to `frame` after what `out` already holds; a notification adds nothing.
    ///
    /// # Errors
    /// When the frame is not one of the benchmark's requests.
    pub fn answer(&self, frame: &[u8], out: &mut Vec<u8>) -> serde_json::Result<()> {
        let Request { jsonrpc: "2.0", id, method, params } = serde_json::from_slice(frame)? else {
            return Err(serde::de::Error::custom("not JSON-RPC 2.0"));
        };
        let Some(id) = id else { return Ok(()) };
        let modern = params.as_ref().is_some_and(|params| params.meta.is_some());
        match method {
            "tools/call" => {
                let text = call(params).ok_or_else(|| serde::de::Error::custom("not a call of add or echo"))?;
                let result =
                    ToolResult { content: [Text { r#type: "text", text }], is_error: false, result_type: modern.then_some("complete") };
                serde_json::to_writer(out, &Response { jsonrpc: "2.0", id, result })
            }
            "tools/list" => {
                let result_type = if modern { r#""resultType":"complete","ttlMs":0,"cacheScope":"public","# } else { "" };
                self.list(id, result_type, out);
                Ok(())
            }
            "initialize" => {
                let result = serde_json::json!({
                    "protocolVersion": Revision::Legacy.as_str(),
                    "capabilities": {"tools": {}},
                    "serverInfo": {"name": "floor", "version": "0"},
                });
                serde_json::to_writer(out, &Response { jsonrpc: "2.0", id, result })
            }
            _ => Err(serde::de::Error::custom("unknown method")),
        }
    }

    fn list(&self, id: u64, extra: &str, out: &mut Vec<u8>) {
        out.reserve(self.tools.len() + 128);
        out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        out.extend_from_slice(id.to_string().as_bytes());
        out.extend_from_slice(br#","result":{"#);
        out.extend_from_slice(extra.as_bytes());
        out.extend_from_slice(br#""tools":"#);
        out.extend_from_slice(self.tools.as_bytes());
        out.extend_from_slice(b"}}");
    }
}

impl Tool {
    fn new(name: &str, description: &str, arguments: &[(&str, &str)]) -> Self {
        let properties: serde_json::Map<_, _> =
            arguments.iter().map(|(name, kind)| ((*name).to_owned(), serde_json::json!({ "type": kind }))).collect();
        let required: Vec<_> = arguments.iter().map(|(name, _)| name).collect();
        Self {
            name: name.to_owned(),
            description: description.to_owned(),
            input_schema: serde_json::json!({"type": "object", "properties": properties, "required": required}),
        }
    }
}

fn call(params: Option<Params<'_>>) -> Option<String> {
    let Params { name, arguments, .. } = params?;
    let Arguments { a, b, text } = arguments?;
    match name? {
        "add" => Some((a? + b?).to_string()),
        "echo" => text,
        _ => None,
    }
}
