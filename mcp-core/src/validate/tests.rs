use serde_json::json;

use super::*;

fn check(schema: &Value, value: &Value, expected: &[&str]) {
    let problems: Vec<String> = validate(schema, value).iter().map(ToString::to_string).collect();
    assert_eq!(problems, expected, "{value} against {schema}");
}

#[test]
fn problems_name_the_argument_and_what_it_expects() {
    let schema = json!({
        "type": "object",
        "properties": {
            "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
            "mode": {"type": "string", "enum": ["fast", "slow"]},
            "tags": {"type": "array", "items": {"type": "string", "minLength": 1}},
        },
        "required": ["limit"],
        "additionalProperties": false,
    });
    check(&schema, &json!({"limit": 5, "mode": "fast", "tags": ["a"]}), &[]);
    check(&schema, &json!({}), &["`limit` is missing; it must be an integer from 1 to 1000"]);
    check(&schema, &json!({"limit": "5"}), &["`limit` must be an integer from 1 to 1000, not \"5\""]);
    check(&schema, &json!({"limit": 0}), &["`limit` must be an integer from 1 to 1000, not 0"]);
    check(&schema, &json!({"limit": 1, "mode": "x"}), &["`mode` must be one of \"fast\", \"slow\", not \"x\""]);
    check(&schema, &json!({"limit": 1, "tags": ["a", ""]}), &["`tags[1]` must have at least 1 characters, not 0"]);
    check(&schema, &json!({"limit": 1, "limt": 2}), &["`limt` is unknown; there are `limit`, `mode`, `tags`"]);
}

#[test]
fn branches_references_and_conditions_are_followed() {
    let schema = json!({
        "$defs": {"even": {"type": "integer", "multipleOf": 2}},
        "anyOf": [{"$ref": "#/$defs/even"}, {"type": "null"}],
    });
    check(&schema, &json!(4), &[]);
    check(&schema, &json!(null), &[]);
    check(&schema, &json!(3), &["must be an integer or null, not 3"]);
    let choice = json!({
        "$defs": {"Order": {"oneOf": [{"const": "up"}, {"const": "down"}]}},
        "anyOf": [{"$ref": "#/$defs/Order"}, {"type": "null"}],
    });
    check(&choice, &json!("x"), &["must be \"up\" or \"down\" or null, not \"x\""]);
    let conditional = json!({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "not": {"required": ["c"]}});
    check(&conditional, &json!({"a": 1, "b": 1}), &[]);
    check(&conditional, &json!({"a": 1}), &["`b` is missing"]);
    check(&conditional, &json!({"c": 1}), &["must not be an object"]);
    let either = json!({"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]});
    check(&either, &json!({"email": "a@b.c"}), &[]);
    check(&either, &json!({}), &["must be an object with `phone` or an object with `email`"]);
}

#[test]
fn integers_of_types_are_digits_within_a_range() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer", "format": "int32"}}});
    for (value, problem) in [
        (json!(1), None),
        (json!(1.0), Some("`a` must be an integer written in digits only, not 1.0")),
        (json!(2_147_483_648_u32), Some("`a` must be an integer from -2147483648 to 2147483647, not 2147483648")),
    ] {
        let problems: Vec<String> = validate_digits(&schema, &json!({"a": value})).iter().map(ToString::to_string).collect();
        assert_eq!(problems.first().map(String::as_str), problem, "{value}");
        assert!(validate(&schema, &json!({"a": value})).is_empty(), "{value}");
    }
}

#[test]
fn structs_are_found_below_the_top() {
    for (schema, found) in [
        (json!({"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}}}), false),
        (json!({"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {}}}}}), true),
        (json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"properties": {}}}}), true),
        (json!({"type": "object", "properties": {"a": {"items": {"anyOf": [{"properties": {}}]}}}}), true),
    ] {
        assert_eq!(holds_structs(&schema), found, "{schema}");
    }
}

#[test]
fn a_schema_that_contains_itself_ends() {
    let branching = json!({"anyOf": [{"$ref": "#"}, {"type": "null"}], "type": "object"});
    check(&branching, &json!(7), &["must be an object, not 7"]);
    check(&json!({"$ref": "#"}), &json!(1), &["is too complex to check"]);
}

#[test]
fn only_assertions_beyond_types_need_a_second_look() {
    for (schema, plain, needed) in [
        (json!({"type": "object", "properties": {"a": {"type": "integer", "format": "uint32", "minimum": 0}}}), false, false),
        (json!({"type": "object", "properties": {"a": {"type": "integer", "format": "uint32", "minimum": 1}}}), false, true),
        (json!({"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}}), true, false),
        (json!({"type": "object", "properties": {"a": {"type": "string", "minLength": 1}}}), true, true),
    ] {
        assert_eq!(asserts_beyond_types(&schema, plain), needed, "{schema}");
    }
}
