//! Which arguments of a tool are repeated in headers
//! (2026-07-28, basic/transports/streamable-http, "Custom Headers from Tool Parameters").

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use http::{HeaderName, HeaderValue};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::encode;

const ANNOTATION: &str = "x-mcp-header";

/// The arguments of a tool that are repeated in headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mirrored(Vec<(HeaderName, Vec<String>)>);

impl Mirrored {
    /// The headers of a call with these arguments.
    pub(crate) fn headers(&self, arguments: &RawValue) -> Vec<(HeaderName, HeaderValue)> {
        let found = self.0.iter().filter_map(|(header, path)| {
            let value = path.iter().try_fold(arguments, |value, name| member(value, name))?;
            // Objects and arrays are not repeated, and need not be read.
            let value = Some(value.get()).filter(|value| !value.starts_with(['{', '[']))?;
            Some((header.clone(), encode::argument(&serde_json::from_str(value).ok()?)?))
        });
        found.collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A member of an object.
fn member<'a>(object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    let mut members: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(object.get()).ok()?;
    members.remove(name)
}

/// Finds the arguments that a tool's schema wants repeated.
///
/// # Errors
/// Says why an annotation is not valid; the tool must not be used then.
pub(crate) fn mirrored(schema: &Value) -> Result<Mirrored, String> {
    let mut search = Search::default();
    search.schema(schema, Place::Root)?;
    Ok(Mirrored(search.found))
}

#[derive(Default)]
struct Search {
    found: Vec<(HeaderName, Vec<String>)>,
    names: BTreeSet<String>,
    path: Vec<String>,
}

/// Where in a schema a schema stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    /// Reached from the root by `properties` alone.
    Property,
    /// Anywhere else.
    Elsewhere,
}

/// Keywords whose value is a schema, or a list of schemas.
const SCHEMAS: [&str; 15] = [
    "items",
    "prefixItems",
    "additionalItems",
    "contains",
    "additionalProperties",
    "unevaluatedItems",
    "unevaluatedProperties",
    "propertyNames",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
];
/// Keywords whose value is an object of schemas.
const MAPS: [&str; 4] = ["patternProperties", "dependentSchemas", "$defs", "definitions"];

impl Search {
    fn schema(&mut self, schema: &Value, place: Place) -> Result<(), String> {
        let Value::Object(keywords) = schema else { return Ok(()) };
        if let Some(annotation) = keywords.get(ANNOTATION) {
            self.annotated(annotation, keywords, place)?;
        }
        if let Some(Value::Object(properties)) = keywords.get("properties") {
            for (name, property) in properties {
                self.path.push(name.clone());
                self.schema(property, if place == Place::Elsewhere { place } else { Place::Property })?;
                self.path.pop();
            }
        }
        for keyword in SCHEMAS {
            match keywords.get(keyword) {
                Some(Value::Array(schemas)) => schemas.iter().try_for_each(|schema| self.schema(schema, Place::Elsewhere))?,
                Some(schema) => self.schema(schema, Place::Elsewhere)?,
                None => {}
            }
        }
        for keyword in MAPS {
            if let Some(Value::Object(schemas)) = keywords.get(keyword) {
                schemas.values().try_for_each(|schema| self.schema(schema, Place::Elsewhere))?;
            }
        }
        Ok(())
    }

    fn annotated(&mut self, annotation: &Value, keywords: &Map<String, Value>, place: Place) -> Result<(), String> {
        let Some(name) = annotation.as_str() else {
            return Err(format!("`{ANNOTATION}` is not a string"));
        };
        if place != Place::Property {
            return Err(format!("`{ANNOTATION}` `{name}` stands where the argument cannot be told from the schema alone"));
        }
        if name.is_empty() {
            return Err(format!("`{ANNOTATION}` is empty"));
        }
        if !is_primitive(keywords.get("type")) {
            return Err(format!("`{ANNOTATION}` `{name}` is on an argument that is not a string, an integer or a boolean"));
        }
        let Ok(header) = HeaderName::try_from(format!("mcp-param-{name}")) else {
            return Err(format!("`{ANNOTATION}` `{}` is not a header name", name.escape_debug()));
        };
        if !self.names.insert(name.to_ascii_lowercase()) {
            return Err(format!("`{ANNOTATION}` `{name}` appears twice"));
        }
        self.found.push((header, self.path.clone()));
        Ok(())
    }
}

/// Whether a type is one that a header can repeat; it may also be null, which is not repeated.
fn is_primitive(kind: Option<&Value>) -> bool {
    let primitive = |kind: &Value| matches!(kind.as_str(), Some("string" | "integer" | "boolean"));
    match kind {
        Some(Value::Array(kinds)) => {
            let mut others = kinds.iter().filter(|kind| *kind != "null").peekable();
            others.peek().is_some() && others.all(primitive)
        }
        Some(kind) => primitive(kind),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(properties: &Value, expected: Result<&[&str], &str>) {
        let found = mirrored(&json!({"type": "object", "properties": properties}));
        let found =
            found.map(|mirrored| mirrored.0.iter().map(|(header, path)| format!("{header}: {}", path.join("."))).collect::<Vec<_>>());
        let expected = expected.map(|headers| headers.iter().map(|header| (*header).to_owned()).collect()).map_err(str::to_owned);
        assert_eq!(found, expected, "{properties}");
    }

    #[test]
    fn annotations_reached_by_properties_alone_are_found() {
        check(&json!({"a": {"type": "string", "x-mcp-header": "Region"}, "b": {"type": "number"}}), Ok(&["mcp-param-region: a"]));
        check(
            &json!({"a": {"type": "object", "properties": {"b": {"type": "integer", "x-mcp-header": "Deep"}}}}),
            Ok(&["mcp-param-deep: a.b"]),
        );
        check(&json!({"a": {"type": ["boolean", "null"], "x-mcp-header": "Maybe"}}), Ok(&["mcp-param-maybe: a"]));
        // A property of that name, and a value that looks like it, are no annotations.
        check(&json!({"x-mcp-header": {"type": "number"}, "a": {"default": {"x-mcp-header": 7}}}), Ok(&[]));
    }

    #[test]
    fn any_other_annotation_makes_the_tool_invalid() {
        let elsewhere = "`x-mcp-header` `H` stands where the argument cannot be told from the schema alone";
        let annotated = json!({"type": "string", "x-mcp-header": "H"});
        for (property, why) in [
            (json!({"type": "array", "items": annotated}), elsewhere),
            (json!({"anyOf": [annotated]}), elsewhere),
            (json!({"not": annotated}), elsewhere),
            (json!({"allOf": [{"properties": {"x": annotated}}]}), elsewhere),
            (json!({"$defs": {"x": annotated}}), elsewhere),
            (json!({"type": "string", "x-mcp-header": ""}), "`x-mcp-header` is empty"),
            (json!({"type": "string", "x-mcp-header": 7}), "`x-mcp-header` is not a string"),
            (
                json!({"type": "number", "x-mcp-header": "H"}),
                "`x-mcp-header` `H` is on an argument that is not a string, an integer or a boolean",
            ),
            (
                json!({"type": "null", "x-mcp-header": "H"}),
                "`x-mcp-header` `H` is on an argument that is not a string, an integer or a boolean",
            ),
            (json!({"x-mcp-header": "H"}), "`x-mcp-header` `H` is on an argument that is not a string, an integer or a boolean"),
            (json!({"type": "string", "x-mcp-header": "a b"}), "`x-mcp-header` `a b` is not a header name"),
            (json!({"type": "string", "x-mcp-header": "a:b"}), "`x-mcp-header` `a:b` is not a header name"),
            (json!({"type": "string", "x-mcp-header": "a\r\nb"}), "`x-mcp-header` `a\\r\\nb` is not a header name"),
            (json!({"type": "string", "x-mcp-header": "ü"}), "`x-mcp-header` `ü` is not a header name"),
        ] {
            check(&json!({"p": property}), Err(why));
        }
        let twice = json!({"a": {"type": "string", "x-mcp-header": "H"}, "b": {"type": "string", "x-mcp-header": "h"}});
        check(&twice, Err("`x-mcp-header` `h` appears twice"));
    }

    #[test]
    fn what_is_not_given_is_not_repeated() {
        let schema = json!({"properties": {
            "a": {"type": "string", "x-mcp-header": "A"}, "b": {"type": "string", "x-mcp-header": "B"},
            "c": {"properties": {"d": {"type": "integer", "x-mcp-header": "D"}}}}});
        let mirrored = mirrored(&schema).expect("valid");
        let headers = mirrored.headers(&RawValue::from_string(r#"{"a": "x", "b": null, "c": {"d": 5}}"#.to_owned()).expect("valid JSON"));
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().expect("ASCII"))).collect();
        assert_eq!(headers, [("mcp-param-a", "x"), ("mcp-param-d", "5")]);
    }
}
