//! Access tokens that are JWTs (RFC 9068), verified with the keys that their issuers publish.

mod algorithm;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod case;
mod claims;
mod compact;
mod header;
mod issuer;
pub(crate) mod json;
mod jwk;
mod keys;
#[cfg(feature = "server")]
pub(crate) mod own;
mod remote;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod testing;
mod verifier;

pub use algorithm::JwsAlgorithm;
pub use header::decode_header;
pub use issuer::JwtIssuer;
pub use keys::parse_jwks;
pub use verifier::JwtVerifier;
