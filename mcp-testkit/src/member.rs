//! Looking into JSON without reading all of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The member at the end of a path of names, as it was written, however deep its neighbours nest.
pub(crate) fn member<'j>(json: &'j [u8], path: &[&str]) -> Option<&'j str> {
    let (first, rest) = path.split_first()?;
    let members: BTreeMap<Cow<'j, str>, &'j RawValue> = serde_json::from_slice(json).ok()?;
    let found = members.get(*first)?.get();
    if rest.is_empty() { Some(found) } else { member(found.as_bytes(), rest) }
}

/// The same, if it is a text.
pub(crate) fn text(json: &[u8], path: &[&str]) -> Option<String> {
    serde_json::from_str(member(json, path)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_beside_deep_ones() {
        let deep = format!(r#"{{"x":{}{},"a":{{"b":" 1","c":[2]}}}}"#, "[".repeat(5_000), "]".repeat(5_000));
        assert_eq!(text(deep.as_bytes(), &["a", "b"]).as_deref(), Some(" 1"));
        assert_eq!(member(deep.as_bytes(), &["a", "c"]), Some("[2]"));
        assert_eq!(text(deep.as_bytes(), &["a", "c"]), None);
        assert_eq!(member(b"[", &["a"]), None);
    }
}
