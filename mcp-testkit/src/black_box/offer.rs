//! What a server offers, and the conversations that follow from it.

use serde_json::{Map, Value};

use super::repeated::repeated;
use super::sample::{sample, wrong};
use crate::fixture::{Fixture, request};

const TOOLS: &str = "https://modelcontextprotocol.io/specification/2026-07-28/server/tools";
const RESOURCES: &str = "https://modelcontextprotocol.io/specification/2026-07-28/server/resources";
const PROMPTS: &str = "https://modelcontextprotocol.io/specification/2026-07-28/server/prompts";
/// Most resources that are read.
const MOST_RESOURCES: usize = 50;

/// What a server offers.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// The tools that may be called.
    pub tools: Vec<OfferedTool>,
    /// The URIs of resources.
    pub resources: Vec<String>,
    /// The prompts.
    pub prompts: Vec<OfferedPrompt>,
}

/// A tool that may be called by a test, whatever it does.
#[derive(Clone, Debug)]
pub struct OfferedTool {
    /// Its name.
    pub name: String,
    /// The JSON Schema of its arguments.
    pub schema: Value,
}

/// A prompt.
#[derive(Clone, Debug)]
pub struct OfferedPrompt {
    /// Its name.
    pub name: String,
    /// The names of its arguments.
    pub arguments: Vec<String>,
}

impl Offer {
    pub(super) fn fixtures(&self) -> Vec<Fixture> {
        let mut fixtures = vec![
            Fixture::new("lists tools", TOOLS).call(request("1", "tools/list", "")).call(request("2", "tools/list", "")),
            Fixture::new("lists resources", RESOURCES).call(request("1", "resources/list", "")),
            Fixture::new("lists templates", RESOURCES).call(request("1", "resources/templates/list", "")),
            Fixture::new("lists prompts", PROMPTS).call(request("1", "prompts/list", "")),
        ];
        fixtures.extend(self.tools.iter().flat_map(OfferedTool::fixtures));
        for uri in self.resources.iter().take(MOST_RESOURCES) {
            let read = request("1", "resources/read", format!("\"uri\":{}", Value::from(uri.as_str())));
            fixtures.push(Fixture::new(format!("reads the resource {uri}"), RESOURCES).call(read));
        }
        fixtures.extend(self.prompts.iter().flat_map(OfferedPrompt::fixtures));
        fixtures
    }
}

impl OfferedTool {
    fn fixtures(&self) -> Vec<Fixture> {
        let mut cases = vec![("without arguments".to_owned(), Value::Object(Map::new()))];
        cases.push(("with arguments in an array".to_owned(), Value::Array(Vec::new())));
        cases.push(("with arguments that are null".to_owned(), Value::Null));
        let Value::Object(fitting) = sample(&self.schema) else { return Vec::new() };
        cases.push(("with arguments that fit".to_owned(), fitting.clone().into()));
        let with = |name: &str, value: Value| {
            let mut arguments = fitting.clone();
            arguments.insert(name.to_owned(), value);
            Value::Object(arguments)
        };
        cases.push(("with an argument it does not know".to_owned(), with("no_such_argument", true.into())));
        for name in fitting.keys() {
            let mut arguments = fitting.clone();
            arguments.shift_remove(name);
            cases.push((format!("without `{name}`"), arguments.into()));
            cases.push((format!("with null for `{name}`"), with(name, Value::Null)));
            if let Some(value) = wrong(&fitting[name]) {
                cases.push((format!("with another type for `{name}`"), with(name, value)));
            }
        }
        let call = |(case, arguments): (String, Value)| {
            let params = format!("\"name\":{},\"arguments\":{arguments}", Value::from(self.name.as_str()));
            let mut message = request("1", "tools/call", params);
            for (name, value) in repeated(&self.schema, &arguments)? {
                message = message.header(name, value);
            }
            Some(Fixture::new(format!("calls the tool {} {case}", self.name), TOOLS).call(message))
        };
        cases.into_iter().filter_map(call).collect()
    }
}

impl OfferedPrompt {
    fn fixtures(&self) -> Vec<Fixture> {
        let fitting: Map<String, Value> = self.arguments.iter().map(|name| (name.clone(), "x".into())).collect();
        let cases = [("without arguments", Value::Object(Map::new())), ("with all its arguments", fitting.into())];
        let get = |(case, arguments): (&str, Value)| {
            let params = format!("\"name\":{},\"arguments\":{arguments}", Value::from(self.name.as_str()));
            Fixture::new(format!("gets the prompt {} {case}", self.name), PROMPTS).call(request("1", "prompts/get", params))
        };
        cases.into_iter().map(get).collect()
    }
}
