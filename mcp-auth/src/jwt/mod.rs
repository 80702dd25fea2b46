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
#[cfg(feature = "server")]
pub(crate) mod own;
mod remote;
#[cfg(test)]
mod rotation;
#[cfg(test)]
pub(crate) mod testing;
mod verifier;

pub use algorithm::JwsAlgorithm;
pub use header::decode_header;
#[cfg(feature = "server")]
pub(crate) use id_token::IdTokens;
pub use issuer::JwtIssuer;
pub use keys::parse_jwks;
pub use verifier::JwtVerifier;
