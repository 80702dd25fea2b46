//! JWTs that are no access tokens of others: what they say, once it is known who signed it.

use serde_json::{Map, Value};

use super::algorithm::JwsAlgorithm;
use super::compact::{Compact, Unverified, decode};
use super::header::Header;
use super::keys::{KeySet, Signature};

/// The claims of a JWT, if one of the keys signed it, with one of the algorithms, and as something of a type.
pub(crate) fn verified_claims(
    token: &str,
    keys: &KeySet,
    algorithms: &[JwsAlgorithm],
    is_type: impl Fn(Option<&str>) -> bool,
) -> Option<Map<String, Value>> {
    let compact = Compact::split(token)?;
    let header = Header::parse(compact.header).ok()?;
    let algorithm = JwsAlgorithm::parse(&header.alg).filter(|algorithm| algorithms.contains(algorithm))?;
    let signature = decode(compact.signature)?;
    if !is_type(header.typ.as_deref()) || keys.verify(compact, &header, algorithm, &signature) != Signature::Good {
        return None;
    }
    Some(Unverified::parse(compact.payload).ok()?.verified())
}
