//! The members of an object that is JSON already.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::error::{Error, Result};

/// The parameters of a request, each member still as it was written.
///
/// What the server gave us to repeat, as `requestState`, goes back byte for byte.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(Cow<'static, str>, Box<RawValue>)>);

impl Params {
    /// Sets a member, replacing one of the same name.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub(crate) fn set<T: Serialize + ?Sized>(&mut self, key: impl Into<Cow<'static, str>>, value: &T) -> Result<()> {
        self.set_raw(key, to_raw_value(value).map_err(Error::Arguments)?);
        Ok(())
    }

    /// As [`Params::set`], with a value that is an object of members.
    pub(crate) fn set_object(&mut self, key: &'static str, members: &Params) -> Result<()> {
        let mut object = Vec::new();
        members.write(&mut object, None);
        let object = String::from_utf8(object).expect("JSON is text");
        self.set_raw(key, RawValue::from_string(object).map_err(Error::Arguments)?);
        Ok(())
    }

    /// As [`Params::set`], with a value that cannot fail to be written.
    pub(crate) fn with<T: Serialize + ?Sized>(mut self, key: &'static str, value: &T) -> Self {
        self.set(key, value).expect("strings, numbers and structs of them are always valid JSON");
        self
    }

    pub(crate) fn set_raw(&mut self, key: impl Into<Cow<'static, str>>, value: Box<RawValue>) {
        let key = key.into();
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => self.0.push((key, value)),
        }
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.0.retain(|(known, _)| known != key);
    }

    pub(crate) fn get(&self, key: &str) -> Option<&RawValue> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| &**value)
    }

    /// Splits a value that must be an object into its members.
    ///
    /// # Errors
    /// When the value cannot be written as JSON, or is not an object.
    pub(crate) fn from_object<T: Serialize + ?Sized>(object: &T) -> Result<Self> {
        let raw = to_raw_value(object).map_err(Error::Arguments)?;
        if raw.get() == "null" {
            return Ok(Self::default());
        }
        let members: std::collections::BTreeMap<String, Box<RawValue>> = serde_json::from_str(raw.get()).map_err(Error::Arguments)?;
        Ok(Self(members.into_iter().map(|(key, value)| (key.into(), value)).collect()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends the members as an object, with `_meta` as one more if there is any.
    pub(crate) fn write(&self, out: &mut Vec<u8>, meta: Option<&Meta>) {
        out.push(b'{');
        let mut first = self.write_members(out, true);
        if let Some(meta) = meta.filter(|meta| !meta.is_empty()) {
            push_key(out, "_meta", &mut first);
            out.push(b'{');
            if let Some(declared) = &meta.declared {
                out.extend_from_slice(declared);
            }
            meta.members.write_members(out, meta.declared.is_none());
            out.push(b'}');
        }
        out.push(b'}');
    }

    /// Appends the members; says whether the next one is still the first.
    pub(crate) fn write_members(&self, out: &mut Vec<u8>, mut first: bool) -> bool {
        for (key, value) in &self.0 {
            push_key(out, key, &mut first);
            push_json(out, value.get());
        }
        first
    }
}

/// The `_meta` of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meta {
    /// What the client says of itself: members as JSON without braces, of which there is at least one.
    pub(crate) declared: Option<Arc<[u8]>>,
    pub(crate) members: Params,
}

impl Meta {
    pub(crate) fn is_empty(&self) -> bool {
        self.declared.is_none() && self.members.is_empty()
    }
}

impl From<Params> for Meta {
    fn from(members: Params) -> Self {
        Self { declared: None, members }
    }
}

fn push_key(out: &mut Vec<u8>, key: &str, first: &mut bool) {
    if !std::mem::take(first) {
        out.push(b',');
    }
    push_text(out, key);
    out.push(b':');
}

/// Appends a JSON string.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| byte >= b' ' && !matches!(byte, b'"' | b'\\')) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        serde_json::to_writer(out, text).expect("writing a string to memory cannot fail");
    }
}

/// Appends JSON on one line: a line break in JSON is white space, for strings hold none.
pub(crate) fn push_json(out: &mut Vec<u8>, json: &str) {
    let start = out.len();
    out.extend_from_slice(json.as_bytes());
    if memchr::memchr2(b'\n', b'\r', json.as_bytes()).is_some() {
        for byte in out[start..].iter_mut().filter(|byte| matches!(**byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_goes_out_as_it_came_in_but_on_one_line() {
        let mut params = Params::default();
        params.set_raw("state", RawValue::from_string("\"a\\u00e9\\n\"".to_owned()).expect("valid"));
        params.set_raw("arguments", RawValue::from_string("{\n  \"big\": 123456789012345678901234567890\r\n}".to_owned()).expect("valid"));
        let mut out = Vec::new();
        params.write(&mut out, Some(&Params::default().with("progressToken", &7).into()));
        let text = String::from_utf8(out).expect("JSON is text");
        assert_eq!(text, r#"{"state":"a\u00e9\n","arguments":{   "big": 123456789012345678901234567890  },"_meta":{"progressToken":7}}"#);
    }

    #[test]
    fn members_are_replaced_and_removed_by_name() {
        let mut params = Params::default().with("a", "1").with("b", "2").with("a", "3");
        params.remove("b");
        let mut out = Vec::new();
        params.write(&mut out, None);
        assert_eq!(out, br#"{"a":"3"}"#);
    }

    #[test]
    fn texts_are_strings_of_json() {
        for text in ["", "plain", "é", "a\"b", "a\\b", "a\nb", "\u{1}", "\u{7f}"] {
            let mut out = Vec::new();
            push_text(&mut out, text);
            assert_eq!(serde_json::from_slice::<String>(&out).expect("valid JSON"), text);
        }
    }
}
