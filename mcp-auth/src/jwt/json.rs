//! JSON objects that mean one thing.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Why bytes are not an object that means one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAnObject {
    /// They are not JSON, or something else than an object.
    Malformed,
    /// A member occurs twice; which of them counts would depend on who reads it (RFC 8725, section 2.4).
    Repeated,
}

/// Reads an object none of whose members occurs twice; the objects in it are not looked at.
///
/// # Errors
/// Why it is none.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, NotAnObject> {
    let Members { members, repeated } = serde_json::from_slice(bytes).map_err(|_| NotAnObject::Malformed)?;
    if repeated { Err(NotAnObject::Repeated) } else { Ok(members) }
}

struct Members {
    members: Map<String, Value>,
    repeated: bool,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
        let (mut members, mut repeated) = (Map::new(), false);
        while let Some((name, value)) = access.next_entry::<String, Value>()? {
            repeated |= members.insert(name, value).is_some();
        }
        Ok(Members { members, repeated })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_each_member_once() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        for (text, verdict) in [
            (r#"{"a":1,"b":{"c":2}}"#, Ok(2)),
            ("{}", Ok(0)),
            (r#"{"a":1,"a":1}"#, Err(NotAnObject::Repeated)),
            (r#"{"a":1,"\u0061":2}"#, Err(NotAnObject::Repeated)),
            (r#"{"a":1} x"#, Err(NotAnObject::Malformed)),
            ("[]", Err(NotAnObject::Malformed)),
            ("", Err(NotAnObject::Malformed)),
            (&deep, Err(NotAnObject::Malformed)),
        ] {
            assert_eq!(object(text.as_bytes()).map(|members| members.len()), verdict, "{text:.40}");
        }
    }
}
