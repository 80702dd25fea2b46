//! What an introspection answer says besides claims (RFC 7662, section 2.2).

use serde_json::{Map, Value};

use crate::AuthError;

/// Whether the token is active; `None` if the answer does not say, and so is none.
pub(super) fn is_active(answer: &Map<String, Value>) -> Option<bool> {
    answer.get("active")?.as_bool()
}

/// Checks that the token is a bearer access token, as far as the answer says what it is.
///
/// The endpoint knows refresh tokens as well, and `token_type_hint` does not keep it from describing one.
/// Authorization servers say so in `token_type`, `token_use` or `typ`.
///
/// # Errors
/// When it is another token, or one that only its holder may use (`cnf`, RFC 9449 section 7.2 and RFC 8705
/// section 3): here nobody checks that the caller is the holder.
pub(super) fn check_kind(answer: &Map<String, Value>) -> Result<(), AuthError> {
    if answer.get("cnf").is_some_and(|cnf| !cnf.is_null()) {
        return Err(AuthError::invalid("the token is bound to a key and was sent as a bearer token"));
    }
    let is = |member: &str, allowed: &[&str]| match answer.get(member) {
        None | Some(Value::Null) => true,
        Some(value) => value.as_str().is_some_and(|text| allowed.iter().any(|word| word.eq_ignore_ascii_case(text))),
    };
    let other = answer.get("typ").is_some_and(|typ| !typ.is_null()) && is("typ", &["refresh", "offline", "id"]);
    if other || !is("token_type", &["bearer"]) || !is("token_use", &["access_token", "access"]) {
        return Err(AuthError::invalid("the token is not a bearer access token"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_bearer_access_tokens_pass() {
        for (answer, passes) in [
            (json!({}), true),
            (json!({"token_type": "Bearer", "token_use": "access_token", "typ": "Bearer"}), true),
            (json!({"token_type": "bearer", "typ": "at+jwt", "cnf": null}), true),
            (json!({"token_type": null}), true),
            (json!({"token_type": "DPoP"}), false),
            (json!({"token_type": "mac"}), false),
            (json!({"token_type": ["Bearer"]}), false),
            (json!({"token_type": "Bearer", "token_use": "refresh_token"}), false),
            (json!({"token_type": "Bearer", "typ": "Refresh"}), false),
            (json!({"typ": "ID"}), false),
            (json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}), false),
            (json!({"cnf": {}}), false),
        ] {
            let Value::Object(map) = &answer else { panic!("not an object: {answer}") };
            assert_eq!(check_kind(map).is_ok(), passes, "{answer}");
        }
    }
}
