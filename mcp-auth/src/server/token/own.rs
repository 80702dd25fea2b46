//! Looking into access tokens of this server's, whatever they are for.

use mcp_store::StoreError;
use serde_json::{Map, Value};

use crate::jwt::{Signature, SignedJwt};
use crate::server::Inner;
use crate::{JwsAlgorithm, parse_jwks};

impl Inner {
    /// What an access token says that this server issued and that has not expired.
    pub(super) async fn own_claims(&self, token: &str) -> Result<Option<Map<String, Value>>, StoreError> {
        let Some(jwt) = SignedJwt::parse(token) else { return Ok(None) };
        let keys = self.keys.published().await?.to_string();
        let Ok(keys) = parse_jwks(keys.as_bytes()) else { return Ok(None) };
        let expiry = jwt.claims().get("exp").and_then(Value::as_u64);
        let good = jwt.typ() == Some("at+jwt")
            && jwt.algorithm() == JwsAlgorithm::Es256
            && jwt.verify(&keys) == Signature::Good
            && jwt.text("iss") == Some(&self.rules.issuer)
            && expiry.is_some_and(|expiry| self.db.seconds() < expiry);
        Ok(good.then(|| jwt.into_claims()))
    }
}
