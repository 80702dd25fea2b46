//! What a schema says of one value, as far as a command line needs to know.

use std::collections::BTreeSet;

use serde_json::Value;

/// How often a reference may lead to another one.
const FARTHEST: usize = 16;

/// A schema inside of a whole one, in which its references are looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema<'s> {
    whole: &'s Value,
    here: &'s Value,
}

impl<'s> Schema<'s> {
    /// A whole schema.
    pub(crate) fn new(whole: &'s Value) -> Self {
        Self { whole, here: whole }.resolved()
    }

    fn at(self, here: &'s Value) -> Self {
        Self { whole: self.whole, here }.resolved()
    }

    /// Follows references within the whole schema, and no others.
    fn resolved(mut self) -> Self {
        for _ in 0..FARTHEST {
            let Some(pointer) = self.here.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#')) else {
                break;
            };
            match self.whole.pointer(pointer) {
                Some(found) => self.here = found,
                None => break,
            }
        }
        self
    }

    /// The members an object of this schema can have.
    pub(crate) fn properties(self) -> impl Iterator<Item = (&'s str, Schema<'s>)> {
        let properties = self.here.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(move |(name, schema)| (name.as_str(), self.at(schema)))
    }

    /// One member.
    pub(crate) fn property(self, name: &str) -> Option<Schema<'s>> {
        Some(self.at(self.here.get("properties")?.get(name)?))
    }

    /// Whether members that are not named are refused.
    pub(crate) fn is_closed(self) -> bool {
        self.here.get("additionalProperties") == Some(&Value::Bool(false))
    }

    /// The members an object of this schema must have.
    pub(crate) fn required(self) -> impl Iterator<Item = &'s str> {
        self.here.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// Whether an object of this schema must have a member.
    pub(crate) fn requires(self, name: &str) -> bool {
        self.required().any(|required| required == name)
    }

    /// What the elements of an array are.
    pub(crate) fn items(self) -> Option<Schema<'s>> {
        let own = self.here.get("items").map(|items| self.at(items));
        own.or_else(|| self.choices().find_map(|choice| choice.here.get("items").map(|items| choice.at(items))))
    }

    fn choices(self) -> impl Iterator<Item = Schema<'s>> {
        let lists = ["anyOf", "oneOf"].into_iter().filter_map(move |key| self.here.get(key)?.as_array());
        lists.flatten().map(move |choice| self.at(choice))
    }

    /// The types a value may have; empty if the schema does not say.
    pub(crate) fn types(self) -> BTreeSet<&'s str> {
        match self.here.get("type") {
            Some(Value::String(name)) => return BTreeSet::from([name.as_str()]),
            Some(Value::Array(names)) => return names.iter().filter_map(Value::as_str).collect(),
            _ => {}
        }
        let values = self.here.get("const").into_iter().chain(self.here.get("enum").and_then(Value::as_array).into_iter().flatten());
        let of_values = values.map(|value| match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        });
        // A choice is a schema of its own; a choice among choices is not looked into.
        let of_choices = self.choices().flat_map(|choice| match choice.here.get("type") {
            Some(Value::String(name)) => vec![name.as_str()],
            _ => Vec::new(),
        });
        of_values.chain(of_choices).collect()
    }

    /// The texts that a value must be one of.
    pub(crate) fn options(self) -> Vec<&'s str> {
        let named = self.here.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        named.chain(self.choices().filter_map(|choice| choice.here.get("const")?.as_str())).collect()
    }

    /// What the value is for.
    pub(crate) fn description(self) -> Option<&'s str> {
        self.text("description").or_else(|| self.text("title"))
    }

    /// What the value is if it is not given.
    pub(crate) fn default(self) -> Option<&'s Value> {
        self.here.get("default")
    }

    fn text(self, key: &str) -> Option<&'s str> {
        self.here.get(key).and_then(Value::as_str)
    }

    /// The type in a word or two.
    pub(crate) fn name(self) -> String {
        let options = self.options();
        if !options.is_empty() {
            return options.join("|");
        }
        let types: Vec<&str> = self.types().into_iter().filter(|name| *name != "null").collect();
        match types.as_slice() {
            [] => "any".to_owned(),
            ["array"] => format!("{}[]", self.items().map_or_else(|| "any".to_owned(), |items| items.name())),
            types => types.join("|"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_have_names() {
        let defs = json!({"n": {"type": "integer"}, "loop": {"$ref": "#/$defs/loop"}});
        for (schema, name) in [
            (json!({"type": "string"}), "string"),
            (json!({"type": ["integer", "null"]}), "integer"),
            (json!({"anyOf": [{"type": "number"}, {"type": "null"}]}), "number"),
            (json!({"type": "array", "items": {"$ref": "#/$defs/n"}}), "integer[]"),
            (json!({"enum": ["a", "b"]}), "a|b"),
            (json!({"oneOf": [{"const": "x", "title": "X"}]}), "x"),
            (json!({"$ref": "#/$defs/loop"}), "any"),
            (json!({"$ref": "http://elsewhere/"}), "any"),
            (json!(true), "any"),
        ] {
            let whole = json!({"properties": {"x": schema}, "$defs": defs});
            assert_eq!(Schema::new(&whole).property("x").expect("it is there").name(), name, "{whole}");
        }
    }
}
