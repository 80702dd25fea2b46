//! Access tokens that are JWTs (RFC 9068), verified with the keys that their issuers publish.

mod algorithm;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod case;
mod claims;
mod compact;
mod header;
#[cfg(feature = "server")]
mod id_token;
mod issuer;
pub(crate) mod json;
mod jwk;
mod keys;
mod remote;
#[cfg(test)]
mod rotation;
#[cfg(feature = "server")]
mod signed;
#[cfg(test)]
pub(crate) mod testing;
mod verifier;

pub use algorithm::JwsAlgorithm;
#[cfg(feature = "server")]
pub(crate) use claims::date;
pub use header::decode_header;
#[cfg(feature = "server")]
pub(crate) use id_token::IdTokens;
pub use issuer::JwtIssuer;
#[cfg(feature = "server")]
pub(crate) use jwk::is_public;
pub use keys::parse_jwks;
#[cfg(feature = "server")]
pub(crate) use keys::{KeySet, Signature};
#[cfg(feature = "server")]
pub(crate) use signed::SignedJwt;
pub use verifier::JwtVerifier;
