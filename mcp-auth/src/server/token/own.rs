//! Looking into access tokens of this server's, whatever they are for.

use mcp_store::StoreError;
use serde_json::{Map, Value};

use crate::jwt::own::verified_claims;
use crate::server::Inner;
use crate::{JwsAlgorithm, parse_jwks};

impl Inner {
    /// What an access token says that this server issued and that has not expired.
    pub(super) async fn own_claims(&self, token: &str) -> Result<Option<Map<String, Value>>, StoreError> {
        let keys = self.keys.published().await?.to_string();
        let Ok(keys) = parse_jwks(keys.as_bytes()) else { return Ok(None) };
        let claims = verified_claims(token, &keys, &[JwsAlgorithm::Es256], |typ| typ == Some("at+jwt"));
        let now = self.db.seconds();
        Ok(claims.filter(|claims| {
            let expiry = claims.get("exp").and_then(Value::as_u64);
            claims.get("iss").and_then(Value::as_str) == Some(&self.rules.issuer) && expiry.is_some_and(|expiry| now < expiry)
        }))
    }
}
