//! Headers of tokens that nobody issued.

use mcp_auth::{MAX_TOKEN_BYTES, decode_header};
use serde_json::Value;

use crate::members::Members;
use crate::{Behaviour, base64};

/// A header is read if it is one, by a reader that shares nothing with the one under test.
///
/// The input is a token, and once more the header of one, still to be encoded.
pub fn jwt_headers(data: &[u8]) -> Behaviour {
    let token = String::from_utf8_lossy(data);
    let encoded = format!("{}.e30.", base64::encode(data, base64::URL_SAFE));
    [&*token, &*encoded].into_iter().fold(Behaviour::default(), check)
}

fn check(behaviour: Behaviour, token: &str) -> Behaviour {
    let (expected, read) = (expected(token), decode_header(token));
    assert_eq!(read.is_ok(), expected.is_some(), "{token:?} is read as {read:?}");
    match (read, expected) {
        (Ok(header), Some((alg, kid, typ))) => {
            let shown = format!("Header {{ alg: {alg:?}, kid: {kid:?}, typ: {typ:?} }}");
            assert_eq!(format!("{header:?}"), shown);
            behaviour.and((kid.is_some(), typ.is_some(), alg.len().min(8)))
        }
        (read, _) => behaviour.and(read.map(drop).map_err(|why| format!("{why:?}"))),
    }
}

/// What a header says: `alg`, `kid` and `typ`.
type Said = (String, Option<String>, Option<String>);

/// The header of a token of three parts, if it means one thing and needs no extension.
fn expected(token: &str) -> Option<Said> {
    let parts: Vec<&str> = token.split('.').collect();
    let ([header, _, _], true) = (&parts[..], token.len() <= MAX_TOKEN_BYTES) else { return None };
    let members = Members::read(&base64::decode(header, base64::URL_SAFE)?)?;
    if !members.are_distinct() || members.get("crit").is_some() {
        return None;
    }
    let text = |name: &str| match members.get(name) {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone())),
        Some(_) => None,
    };
    Some((text("alg")??, text("kid")?, text("typ")?))
}
