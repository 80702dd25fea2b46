//! Arguments as an item receives them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::{DeserializeOwned, Deserializer as _, IgnoredAny, MapAccess, Visitor};

use super::Answer;
use crate::protocol::frame::Text;
use crate::protocol::scan::Raw;

/// The arguments of one call: a JSON object for a tool, strings for everything else.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a>(Kind<'a>);

#[derive(Clone, Copy, Debug)]
enum Kind<'a> {
    Json(Raw<'a>),
    Strings(&'a [(Cow<'a, str>, Cow<'a, str>)]),
}

/// Why arguments could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ArgumentError(String);

impl<'a> Arguments<'a> {
    pub(crate) fn json(raw: Raw<'a>) -> Self {
        Self(Kind::Json(raw))
    }

    pub(crate) fn strings(pairs: &'a [(Cow<'a, str>, Cow<'a, str>)]) -> Self {
        Self(Kind::Strings(pairs))
    }

    /// Reads a tool's arguments.
    ///
    /// # Errors
    /// When they do not fit `T`.
    pub fn parse<T: DeserializeOwned>(self) -> Result<T, ArgumentError> {
        let text = match self.0 {
            Kind::Json(raw) => raw.get(),
            Kind::Strings(_) => return Err(ArgumentError("these arguments are strings".to_owned())),
        };
        serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            ArgumentError(message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message).to_owned())
        })
    }

    fn find(self, name: &str) -> Option<&'a str> {
        match self.0 {
            Kind::Json(_) => None,
            Kind::Strings(pairs) => pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value),
        }
    }

    /// Reads a string argument that must be there.
    ///
    /// # Errors
    /// An answer that names the argument.
    pub fn required<T: FromStr>(self, name: &str) -> Result<T, Answer> {
        match self.optional(name)? {
            Some(value) => Ok(value),
            None => Err(Answer::invalid_params(format!("`{name}` is missing"))),
        }
    }

    /// Reads a string argument that may be there.
    ///
    /// # Errors
    /// An answer that names the argument.
    pub fn optional<T: FromStr>(self, name: &str) -> Result<Option<T>, Answer> {
        self.find(name).map(|text| read(name, text)).transpose()
    }

    /// Reads the value that a completion completes.
    ///
    /// # Errors
    /// An answer that names the argument.
    pub fn first<T: FromStr>(self) -> Result<T, Answer> {
        match self.0 {
            Kind::Strings([(name, text), ..]) => read(name, text),
            _ => Err(Answer::invalid_params("the value to complete is missing".to_owned())),
        }
    }

    /// All string arguments, as they came.
    pub fn to_pairs(self) -> Vec<(String, String)> {
        match self.0 {
            Kind::Json(_) => Vec::new(),
            Kind::Strings(pairs) => pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        }
    }
}

fn read<T: FromStr>(name: &str, text: &str) -> Result<T, Answer> {
    text.parse().map_err(|_| {
        let kind = match std::any::type_name::<T>().rsplit("::").next().unwrap_or_default() {
            "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number".to_owned(),
            "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "a whole number, not negative".to_owned(),
            "f32" | "f64" => "a number".to_owned(),
            "bool" => "`true` or `false`".to_owned(),
            other => format!("a valid {other}"),
        };
        Answer::invalid_params(format!("`{name}` must be {kind}; {} is not", crate::json::quote(text)))
    })
}

/// The first top-level argument that is not one of `known`.
pub(crate) fn check_known(arguments: Raw<'_>, known: &[String]) -> Option<String> {
    struct Keys<'k>(&'k [String]);
    impl<'de> Visitor<'de> for Keys<'_> {
        type Value = Option<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut unknown = None;
            while let Some(Text(key)) = map.next_key::<Text<'de>>()? {
                map.next_value::<IgnoredAny>()?;
                if unknown.is_none() && !self.0.iter().any(|known| *known == key) {
                    unknown = Some(key.into_owned());
                }
            }
            Ok(unknown)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(arguments.get());
    (&mut reader).deserialize_map(Keys(known)).unwrap_or_default()
}
