//! Who is calling: the seam between transports and identity providers, and the providers.
//!
//! A transport gathers a request's [`Credentials`] and asks an [`Authenticator`]; what comes back
//! is a [`Principal`], and no token ever reaches a tool. This crate knows no transport.

#[cfg(feature = "providers")]
mod api_keys;
#[cfg(feature = "providers")]
mod audit;
mod authenticator;
#[cfg(feature = "providers")]
mod cached;
mod challenge;
#[cfg(feature = "providers")]
mod claims;
#[cfg(feature = "providers")]
mod client_auth;
#[cfg(feature = "providers")]
mod clock;
mod credentials;
#[cfg(feature = "providers")]
mod development;
#[cfg(feature = "providers")]
mod digest;
#[cfg(feature = "providers")]
mod discovery;
mod error;
#[cfg(all(test, feature = "providers"))]
mod fakes;
#[cfg(feature = "providers")]
mod fetch;
#[cfg(feature = "providers")]
mod first_of;
#[cfg(feature = "providers")]
mod gateway;
#[cfg(feature = "providers")]
mod hierarchy;
#[cfg(feature = "providers")]
mod introspection;
#[cfg(feature = "providers")]
mod jwt;
mod last_token;
#[cfg(feature = "providers")]
mod limits;
mod mode;
#[cfg(feature = "providers")]
mod policy;
mod resource;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "providers")]
mod settings;
mod site;
mod token;
#[cfg(feature = "providers")]
mod upstream;
#[cfg(feature = "providers")]
mod userinfo;

#[cfg(feature = "providers")]
pub use api_keys::{ApiKeys, NotAKeyHash};
#[cfg(feature = "providers")]
pub use audit::{AuditLog, AuditSink, ChainCheck, ChainError, ChainFault, ChainHead, ChainSummary, FileSink, MemorySink, verify_chain};
pub use authenticator::{Authenticate, Authenticator};
#[cfg(feature = "providers")]
pub use cached::Cached;
pub use challenge::{BearerChallenge, may_be_asked_for};
#[cfg(feature = "providers")]
pub use client_auth::ClientAuth;
#[cfg(feature = "providers")]
pub use clock::Clock;
pub use credentials::Credentials;
#[cfg(feature = "providers")]
pub use development::Development;
#[cfg(feature = "providers")]
pub use discovery::{Discovery, Issuer, Metadata, NotAnIssuer};
pub use error::AuthError;
#[cfg(feature = "providers")]
pub use fetch::{Fetch, FetchError, FetchPolicy, GuardedFetcher, LookUp};
#[cfg(feature = "providers")]
pub use first_of::FirstOf;
#[cfg(feature = "providers")]
pub use gateway::Gateway;
#[cfg(feature = "providers")]
pub use hierarchy::ScopeHierarchy;
#[cfg(feature = "providers")]
pub use introspection::Introspection;
#[cfg(feature = "providers")]
pub use jwt::{JwsAlgorithm, JwtIssuer, JwtVerifier};
#[cfg(feature = "providers")]
#[doc(hidden)]
pub use jwt::{decode_header, parse_jwks};
pub use last_token::LastToken;
#[cfg(feature = "providers")]
pub use limits::{InvalidRate, Rate, RateLimits, TrustedProxies};
pub use mcp_core::{Principal, ScopeSet, Tier};
pub use mode::AuthMode;
#[cfg(feature = "providers")]
pub use policy::{Grant, Member, NotAMember, Policy, Role, WithPolicy};
pub use resource::{NotAResource, Resource};
#[cfg(feature = "server")]
pub use settings::ServerSettings;
#[cfg(feature = "providers")]
pub use settings::{
    ApiKeySettings, AuditSettings, AuthSettings, CannotBuild, GatewaySettings, IntrospectionSettings, JwtSettings, KEY_PREFIX, KeyHash,
    LimitSettings, SecretSource, Settings, SettingsError, Unverifiable, UserinfoSettings, parse_settings,
};
pub use site::{Reach, Site};
pub use token::{Bearer, MAX_TOKEN_BYTES, VerifyToken};
#[cfg(feature = "providers")]
pub use userinfo::{Userinfo, UserinfoVerifier};
