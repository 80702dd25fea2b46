//! Schemas of arguments, results and forms: made by schemars, shaped for the wire.

mod form;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

pub(crate) use form::form;

use crate::protocol::revision::Revision;
use crate::validate::{self, Problem};

/// How schemas are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaStyle {
    /// JSON Schema 2020-12 as schemars makes it.
    #[default]
    Full,
    /// The part of it that model providers accept: no `$ref`, no lists of types,
    /// no `format` that JSON Schema does not define.
    Portable,
}

/// The settings all schemas are made with.
pub(crate) fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12()
}

/// The schema of `T` with its definitions.
pub fn root<T: JsonSchema + ?Sized>(settings: SchemaSettings) -> Schema {
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    // The type's Rust name and the dialect that is the default anyway tell a model nothing.
    schema.remove("title");
    schema.remove("$schema");
    schema
}

/// The schema of a tool's arguments.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    schema: Value,
    full: String,
    portable: String,
    /// Whether arguments have to be checked against the schema even when they deserialise.
    check: bool,
    /// Whether an argument, or a part of one, is a struct, which its type would also read from an array.
    structs: bool,
    /// The arguments that exist, when the type itself would let others pass.
    known: Option<Vec<String>>,
    /// Arguments mirrored into HTTP headers: `Mcp-Param-{header}` and the path to the argument.
    mirrored: Vec<(String, Vec<String>)>,
}

impl Input {
    /// `plain` says that the tool's own code refuses unknown top-level arguments and checks their ranges.
    pub(crate) fn new(schema: Schema, plain: bool) -> Self {
        let mut schema = schema.to_value();
        let mut known = None;
        if let Some(members) = schema.as_object_mut()
            && !plain
            && !members.contains_key("additionalProperties")
            && let Some(Value::Object(properties)) = members.get("properties")
        {
            known = Some(properties.keys().cloned().collect());
            members.insert("additionalProperties".to_owned(), json!(false));
        }
        close_empty(&mut schema);
        let check = validate::asserts_beyond_types(&schema, plain);
        name_mirrored_types(&mut schema);
        Self::build(schema, check, known)
    }

    /// A schema that stands for itself: all arguments are checked against it.
    pub(crate) fn verbatim(schema: Schema) -> Self {
        Self::build(schema.to_value(), true, None)
    }

    /// The schema of another server's tool, as that server wrote it. Arguments are not checked against it here.
    pub(crate) fn foreign(schema: Value, text: String) -> Self {
        let mut input = Self::build(schema, false, None);
        input.full = text;
        input.structs = false;
        input
    }

    fn build(schema: Value, check: bool, known: Option<Vec<String>>) -> Self {
        let mut mirrored = Vec::new();
        collect_mirrored(&schema, &mut Vec::new(), &mut mirrored);
        Self {
            full: schema.to_string(),
            portable: portable(&schema).to_string(),
            structs: validate::holds_structs(&schema),
            schema,
            check,
            known,
            mirrored,
        }
    }

    /// What keeps the schema from being a tool's input schema.
    pub(crate) fn fault(&self) -> Option<String> {
        match self.schema.get("type") {
            Some(Value::String(kind)) if kind == "object" => validate::fault(&self.schema),
            _ => Some("its arguments are not a JSON object; take a struct or plain parameters".to_owned()),
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, _revision: Revision, style: SchemaStyle) {
        out.extend_from_slice(match style {
            SchemaStyle::Full => self.full.as_bytes(),
            SchemaStyle::Portable => self.portable.as_bytes(),
        });
    }

    pub(crate) fn must_check(&self) -> bool {
        self.check
    }

    /// Whether arguments with an array in them have to be checked.
    pub(crate) fn holds_structs(&self) -> bool {
        self.structs
    }

    pub(crate) fn known(&self) -> Option<&[String]> {
        self.known.as_deref()
    }

    pub(crate) fn mirrored(&self) -> &[(String, Vec<String>)] {
        &self.mirrored
    }

    /// Everything wrong with `arguments`.
    pub(crate) fn problems(&self, arguments: &Value) -> Vec<Problem> {
        validate::validate(&self.schema, arguments)
    }

    /// Everything for which the types of a function refuse `arguments` that fit the schema.
    pub(crate) fn misfits(&self, arguments: &Value) -> Vec<Problem> {
        validate::validate_digits(&self.schema, arguments)
    }
}

/// A struct without fields has no properties; say that it takes none.
fn close_empty(schema: &mut Value) {
    if let Some(members) = schema.as_object_mut()
        && members.get("type").and_then(Value::as_str) == Some("object")
        && members.keys().all(|key| matches!(key.as_str(), "type" | "description"))
    {
        members.insert("additionalProperties".to_owned(), json!(false));
    }
}

/// Clients mirror an argument into a header only where its schema names one plain type, so an
/// argument that may be left out must not show as one that may be null.
fn name_mirrored_types(schema: &mut Value) {
    let definitions = schema.get("$defs").and_then(Value::as_object).cloned().unwrap_or_default();
    for_each_property(schema, &mut |property| {
        if property.get("x-mcp-header").is_some() {
            *property = inline(property, &definitions, &mut Vec::new());
        }
    });
}

fn for_each_property(schema: &mut Value, change: &mut impl FnMut(&mut Value)) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for property in properties.values_mut() {
            change(property);
            for_each_property(property, change);
        }
    }
}

fn collect_mirrored(schema: &Value, path: &mut Vec<String>, found: &mut Vec<(String, Vec<String>)>) {
    if let Some(header) = schema.get("x-mcp-header").and_then(Value::as_str) {
        found.push((format!("mcp-param-{}", header.to_ascii_lowercase()), path.clone()));
    }
    if let Some(Value::Object(properties)) = schema.get("properties") {
        for (name, property) in properties {
            path.push(name.clone());
            collect_mirrored(property, path, found);
            path.pop();
        }
    }
}

/// The schema of a tool's structured result.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    schema: Value,
    full: String,
    portable: String,
    is_object: bool,
}

impl Output {
    pub(crate) fn new(schema: Schema) -> Self {
        let schema = schema.to_value();
        Self {
            full: schema.to_string(),
            portable: portable(&schema).to_string(),
            is_object: schema.get("type").and_then(Value::as_str) == Some("object"),
            schema,
        }
    }

    /// Whether the revision can carry results of this schema.
    pub(crate) fn fits(&self, revision: Revision) -> bool {
        revision.structures_any_value() || (revision.has_structured_content() && self.is_object)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, _revision: Revision, style: SchemaStyle) {
        out.extend_from_slice(match style {
            SchemaStyle::Full => self.full.as_bytes(),
            SchemaStyle::Portable => self.portable.as_bytes(),
        });
    }

    pub(crate) fn problems(&self, value: &Value) -> Vec<Problem> {
        validate::validate(&self.schema, value)
    }
}

/// Formats JSON Schema 2020-12 defines (validation, section 7.3).
const FORMATS: [&str; 19] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
];

/// Rewrites a schema into the part that model providers accept.
pub(crate) fn portable(schema: &Value) -> Value {
    let definitions = schema.get("$defs").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut rewritten = inline(schema, &definitions, &mut Vec::new());
    if let Some(members) = rewritten.as_object_mut() {
        members.remove("$defs");
        members.remove("$schema");
    }
    rewritten
}

fn inline(schema: &Value, definitions: &Map<String, Value>, open: &mut Vec<String>) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    if let Some(name) = members.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix("#/$defs/")) {
        // A type that contains itself cannot be written out; any object is the closest that can.
        if open.iter().any(|outer| outer == name) {
            return json!({"type": "object"});
        }
        open.push(name.to_owned());
        let mut target = definitions.get(name).map_or_else(|| json!({}), |target| inline(target, definitions, open));
        open.pop();
        if let Some(target) = target.as_object_mut() {
            for (key, value) in members.iter().filter(|(key, _)| *key != "$ref") {
                target.insert(key.clone(), value.clone());
            }
        }
        return target;
    }
    let mut out = Map::new();
    for (key, value) in members {
        let value = match (key.as_str(), value) {
            ("$defs", _) => continue,
            ("format", Value::String(format)) if !FORMATS.contains(&format.as_str()) => continue,
            ("type", Value::Array(types)) => match types.iter().find(|kind| *kind != "null") {
                Some(kind) => kind.clone(),
                None => json!("null"),
            },
            ("properties", Value::Object(properties)) => {
                properties.iter().map(|(name, property)| (name.clone(), inline(property, definitions, open))).collect::<Map<_, _>>().into()
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(branches)) => {
                branches.iter().map(|branch| inline(branch, definitions, open)).collect::<Vec<_>>().into()
            }
            ("items" | "additionalProperties" | "not" | "contains", value) => inline(value, definitions, open),
            ("enum" | "default" | "const" | "examples", value) => value.clone(),
            (_, value) => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    without_null_branch(out)
}

/// `anyOf: [X, null]`, which is how an optional struct is written, becomes X.
fn without_null_branch(mut members: Map<String, Value>) -> Value {
    if let Some(Value::Array(branches)) = members.get("anyOf") {
        let rest: Vec<&Value> = branches.iter().filter(|branch| branch.get("type") != Some(&json!("null"))).collect();
        if let [Value::Object(only)] = rest[..]
            && branches.len() == 2
        {
            let only = only.clone();
            members.remove("anyOf");
            for (key, value) in only {
                members.entry(key).or_insert(value);
            }
        }
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Query {
        limit: Option<u32>,
        place: Option<Place>,
        tree: Tree,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Place {
        at: (f64, f64),
    }

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Tree {
        children: Vec<Tree>,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    enum Region {
        East,
        West,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Mirrored {
        #[schemars(extend("x-mcp-header" = "Region"))]
        region: Option<Region>,
        #[schemars(extend("x-mcp-header" = "Limit"))]
        limit: Option<u32>,
    }

    #[test]
    fn mirrored_arguments_have_one_plain_type() {
        let input = Input::new(root::<Mirrored>(settings()), false);
        assert_eq!(input.schema["properties"]["region"], json!({"type": "string", "enum": ["East", "West"], "x-mcp-header": "Region"}));
        assert_eq!(input.schema["properties"]["limit"], json!({"type": "integer", "minimum": 0, "x-mcp-header": "Limit"}));
    }

    #[test]
    fn portable_schemas_have_no_refs_type_lists_or_odd_formats() {
        let text = portable(&root::<Query>(settings()).to_value()).to_string();
        for banned in ["$ref", "$defs", "[\"", "uint32", "double", "anyOf"] {
            let allowed = banned == "[\"" && text.matches("\"required\":[\"").count() == text.matches("[\"").count();
            assert!(allowed || !text.contains(banned), "{banned} in {text}");
        }
    }
}
