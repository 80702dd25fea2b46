//! How a client identifies itself in a request (RFC 6749, section 2.3; RFC 7521, section 4.2).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::AuthMethod;
use crate::server::error::OAuthError;
use crate::server::http::{Asked, Params};

/// Some clients leave the padding out.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The kind of assertion that says who a client is (RFC 7523, section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who a client says it is, and how it shows it.
pub(super) struct Credentials {
    /// The id that it says; with an assertion it may leave that to the assertion.
    pub(super) id: Option<String>,
    pub(super) proof: Proof,
    /// It was in the `Authorization` header.
    pub(super) basic: bool,
}

/// How a client shows who it is.
pub(super) enum Proof {
    Nothing,
    Secret(AuthMethod, String),
    Assertion(String),
}

impl Credentials {
    /// Reads them. A header of another scheme than `Basic` is no client's and counts for nothing.
    ///
    /// # Errors
    /// `invalid_request` when there are several, and `invalid_client` when they are malformed.
    pub(super) fn read(asked: &Asked, form: &Params) -> Result<Self, OAuthError> {
        let id = form.one("client_id")?;
        let secret = form.one("client_secret")?;
        let assertion = form.one("client_assertion")?;
        let assertion_type = form.one("client_assertion_type")?;
        let basic = basic(asked)?;
        if [basic.is_some(), secret.is_some(), assertion.is_some() || assertion_type.is_some()].into_iter().filter(|is| *is).count() > 1 {
            return Err(OAuthError::invalid_request("the client identifies itself in more than one way"));
        }
        if let Some((basic_id, secret)) = basic {
            if id.is_some_and(|id| id != basic_id) {
                return Err(OAuthError::invalid_request("`client_id` is not the client of the `Authorization` header"));
            }
            // The empty secret is none (RFC 6749, section 2.3.1).
            let proof = if secret.is_empty() { Proof::Nothing } else { Proof::Secret(AuthMethod::SecretBasic, secret) };
            return Ok(Self { id: Some(basic_id), proof, basic: true });
        }
        let proof = match (secret, assertion) {
            (Some(secret), _) => Proof::Secret(AuthMethod::SecretPost, secret.to_owned()),
            (None, Some(assertion)) if assertion_type == Some(ASSERTION_TYPE) => Proof::Assertion(assertion.to_owned()),
            (None, None) if assertion_type.is_none() => Proof::Nothing,
            _ => return Err(OAuthError::invalid_client(false)),
        };
        Ok(Self { id: id.map(str::to_owned), proof, basic: false })
    }
}

/// Id and secret of a `Basic` header: both are form-encoded (RFC 6749, section 2.3.1).
fn basic(asked: &Asked) -> Result<Option<(String, String)>, OAuthError> {
    let mut values = asked.headers.get_all(http::header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(OAuthError::invalid_request("there is more than one `Authorization` header"));
    }
    let value = value.to_str().unwrap_or_default();
    let (scheme, pair) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Ok(None);
    }
    let pair = BASE64.decode(pair.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = pair.as_deref().and_then(|pair| pair.split_once(':')).ok_or_else(|| OAuthError::invalid_client(true))?;
    Ok(Some((decode(pair.0), decode(pair.1))))
}

/// Decodes a text as the value of a form is.
fn decode(text: &str) -> String {
    // In a form these two end a value.
    let value = text.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(value.as_bytes()).next().map(|(decoded, _)| decoded.into_owned()).unwrap_or_default()
}
