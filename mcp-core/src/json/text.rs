//! Values that are strings, which are written without serde_json.

use std::fmt;

use serde::ser::{Error, Impossible};
use serde::{Serialize, Serializer};

use super::push_str;

/// `value` as compact JSON. Most tools return a string, which [`push_str`] writes faster than serde_json.
///
/// # Errors
/// When the value does not serialize.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    match value.serialize(Text) {
        Ok(json) => Ok(json),
        Err(NotText) => serde_json::to_string(value),
    }
}

/// Writes a string, and refuses everything else at its first call.
struct Text;

#[derive(Debug)]
struct NotText;

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a string")
    }
}

impl std::error::Error for NotText {}

impl Error for NotText {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Never = Impossible<String, NotText>;

/// The methods that refuse, each with its arguments.
macro_rules! refuse {
    ($($method:ident($($argument:ty),*) -> $returned:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$returned, NotText> { Err(NotText) })*
    };
}

impl Serializer for Text {
    type Ok = String;
    type Error = NotText;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    fn serialize_str(self, text: &str) -> Result<String, NotText> {
        let mut out = Vec::new();
        push_str(&mut out, text);
        Ok(String::from_utf8(out).expect("an escaped string is UTF-8"))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<String, NotText> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<String, NotText> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Result<String, NotText> {
        Err(NotText)
    }

    refuse! {
        serialize_bool(bool) -> String;
        serialize_i8(i8) -> String;
        serialize_i16(i16) -> String;
        serialize_i32(i32) -> String;
        serialize_i64(i64) -> String;
        serialize_u8(u8) -> String;
        serialize_u16(u16) -> String;
        serialize_u32(u32) -> String;
        serialize_u64(u64) -> String;
        serialize_f32(f32) -> String;
        serialize_f64(f64) -> String;
        serialize_char(char) -> String;
        serialize_bytes(&[u8]) -> String;
        serialize_none() -> String;
        serialize_unit() -> String;
        serialize_unit_struct(&'static str) -> String;
        serialize_unit_variant(&'static str, u32, &'static str) -> String;
        serialize_seq(Option<usize>) -> Never;
        serialize_tuple(usize) -> Never;
        serialize_tuple_struct(&'static str, usize) -> Never;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Never;
        serialize_map(Option<usize>) -> Never;
        serialize_struct(&'static str, usize) -> Never;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Never;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_serde_json_writes_them() {
        #[derive(Serialize)]
        struct Name(String);
        #[derive(Serialize)]
        enum Kind {
            One,
            Other(u8),
        }
        fn check(value: &impl Serialize) {
            assert_eq!(to_json(value).expect("JSON"), serde_json::to_string(value).expect("JSON"));
        }
        check(&"a \"b\"\n");
        check(&Some("a".to_owned()));
        check(&None::<String>);
        check(&Name("ü\\".to_owned()));
        check(&[Kind::One, Kind::Other(1)]);
        check(&Kind::One);
        check(&'"');
        check(&(1, 2.5, true, ()));
    }
}
