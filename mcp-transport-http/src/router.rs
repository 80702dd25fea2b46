//! The transports as an axum router.

use axum::Router;

use crate::service::HttpService;

/// The service as an axum router, to merge or nest into an application's own.
///
/// Every path the router is asked for goes to the service, which answers the endpoint, the
/// HTTP+SSE paths and the plain-HTTP adapter, and refuses everything else with a JSON error.
/// Set [`PeerAddr`](crate::PeerAddr) as an extension of the requests if callers are told apart by address.
pub fn router(service: HttpService) -> Router {
    Router::new().fallback_service(service)
}
