//! Schemas of forms: flat objects whose fields are of a few kinds.

use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::{portable, root, settings};
use crate::protocol::revision::Revision;

/// Formats a text field may have.
const FORMATS: [&str; 4] = ["email", "uri", "date", "date-time"];

/// The form that asks for a `T` (2025-11-25, client/elicitation, "Requested Schema").
pub(crate) fn form<T: JsonSchema + ?Sized>(revision: Revision) -> Value {
    shape(&root::<T>(settings()), revision)
}

fn shape(schema: &Schema, revision: Revision) -> Value {
    let mut form = portable(schema.as_value());
    if let Some(members) = form.as_object_mut() {
        // The message says what is asked; forms have no description of their own.
        members.remove("description");
    }
    if let Some(Value::Object(fields)) = form.get_mut("properties") {
        for field in fields.values_mut().filter_map(Value::as_object_mut) {
            shape_field(field, revision);
        }
    }
    form
}

fn shape_field(field: &mut Map<String, Value>, revision: Revision) {
    // An empty field is one that has no default.
    if field.get("default").is_some_and(Value::is_null) {
        field.remove("default");
    }
    if field.get("format").is_some_and(|format| FORMATS.iter().all(|known| format != known)) {
        field.remove("format");
    }
    if let Some(choices) = take_choices(field) {
        field.insert("type".to_owned(), json!("string"));
        if revision.has_titled_choices() {
            field.insert("oneOf".to_owned(), choices.iter().map(Choice::to_value).collect());
        } else {
            field.insert("enum".to_owned(), choices.iter().map(|choice| choice.value.as_str()).collect());
            field.insert("enumNames".to_owned(), choices.iter().map(|choice| choice.title.as_str()).collect());
        }
    }
    if let Some(Value::Object(items)) = field.get_mut("items")
        && let Some(choices) = take_choices(items)
    {
        *items = Map::from_iter([("anyOf".to_owned(), choices.iter().map(Choice::to_value).collect())]);
    }
}

/// One value of an enum, with what to show for it.
struct Choice {
    value: String,
    title: String,
}

impl Choice {
    fn to_value(&self) -> Value {
        json!({"const": self.value, "title": self.title})
    }
}

/// Takes the values out of an enum some of whose variants have titles or doc comments.
fn take_choices(field: &mut Map<String, Value>) -> Option<Vec<Choice>> {
    let mut choices = Vec::new();
    for branch in field.get("oneOf")?.as_array()? {
        let words = ["title", "description"].into_iter().find_map(|key| branch.get(key)?.as_str());
        match branch.get("enum") {
            Some(values) => {
                for value in values.as_array()? {
                    let value = value.as_str()?.to_owned();
                    choices.push(Choice { title: value.clone(), value });
                }
            }
            None => {
                let value = branch.get("const")?.as_str()?.to_owned();
                choices.push(Choice { title: words.unwrap_or(&value).to_owned(), value });
            }
        }
    }
    field.remove("oneOf");
    Some(choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    enum Plain {
        A,
        B,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    enum Titled {
        /// The first.
        A,
        #[schemars(title = "Second")]
        B,
        C,
    }

    #[derive(JsonSchema)]
    struct Field<T> {
        #[allow(dead_code, reason = "only its schema is used")]
        field: T,
    }

    fn check<T: JsonSchema>(revision: Revision, expected: &Value) {
        let form = form::<Field<T>>(revision);
        assert_eq!(form["properties"]["field"], *expected);
        assert_eq!(form["type"], "object");
    }

    #[test]
    fn fields_are_of_the_kinds_that_forms_have() {
        let (old, new) = (Revision::V2025_06_18, Revision::V2025_11_25);
        let titled = json!([{"const": "C", "title": "C"}, {"const": "A", "title": "The first."}, {"const": "B", "title": "Second"}]);
        check::<String>(new, &json!({"type": "string"}));
        check::<Option<f64>>(new, &json!({"type": "number"}));
        check::<Plain>(new, &json!({"type": "string", "enum": ["A", "B"]}));
        check::<Titled>(new, &json!({"type": "string", "oneOf": titled}));
        check::<Option<Titled>>(new, &json!({"type": "string", "oneOf": titled}));
        check::<Titled>(old, &json!({"type": "string", "enum": ["C", "A", "B"], "enumNames": ["C", "The first.", "Second"]}));
        check::<Vec<Plain>>(new, &json!({"type": "array", "items": {"type": "string", "enum": ["A", "B"]}}));
        check::<Vec<Titled>>(new, &json!({"type": "array", "items": {"anyOf": titled}}));
    }
}
