//! What the server publishes about itself: protected resource metadata (RFC 9728) and its health.

use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use mcp_auth::{Authenticator, Resource};

use crate::body::HttpBody;
use crate::service::{HttpService, Inner};
use crate::status;

/// Where the metadata of a resource is, before the path of the resource (RFC 9728, section 3).
pub(crate) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

impl HttpService {
    /// The issuers of the tokens that are taken here; none where there is no metadata to publish.
    fn issuers(&self) -> Vec<String> {
        match &self.0.config.authenticator {
            Authenticator::Provider(provider) => provider.issuers(),
            _ => Vec::new(),
        }
    }

    /// Whether there is metadata to publish.
    pub(crate) fn has_metadata(&self) -> bool {
        !self.issuers().is_empty()
    }

    /// The absolute URL of the metadata of a resource, as challenges name it.
    pub(crate) fn metadata_url(&self, resource: &Resource) -> Option<String> {
        if !self.has_metadata() {
            return None;
        }
        let (origin, path) = origin_and_path(resource)?;
        Some(format!("{origin}{WELL_KNOWN}{path}"))
    }

    /// The resource whose metadata is at a path, as clients name it or as a proxy leaves it that takes a prefix off.
    pub(crate) fn published_at(&self, path: &str) -> Option<&Resource> {
        let rest = path.strip_prefix(WELL_KNOWN)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let Inner { resource, sse, config, .. } = &*self.0;
        let mut all = std::iter::once((resource, &config.path)).chain(sse.iter().zip(&config.sse_paths));
        let (found, _) = all.find(|(resource, path)| {
            let named = origin_and_path(resource).is_some_and(|(_, path)| rest == path);
            named || rest == path.trim_end_matches('/')
        })?;
        self.has_metadata().then_some(found)
    }

    /// The scopes to ask for at first: as configured, or those of everything that is not above anybody's tier.
    pub(crate) fn baseline_scopes(&self) -> Vec<String> {
        let mut scopes = self.0.config.baseline_scopes.clone().unwrap_or_else(|| self.0.dispatcher.public_scopes());
        scopes.retain(|scope| mcp_auth::may_be_asked_for(scope));
        scopes
    }
}

/// The URL of a resource, cut where the well-known path goes: in front of its path (RFC 9728, section 3).
fn origin_and_path(resource: &Resource) -> Option<(&str, &str)> {
    let url = resource.as_str();
    let host = url.find("://")? + 3;
    let (origin, path) = url.split_at(url[host..].find('/').map_or(url.len(), |at| host + at));
    Some((origin, path.trim_end_matches('/')))
}

/// Answers with the metadata of a resource (RFC 9728, section 2).
pub(crate) fn protected_resource(service: &HttpService, resource: &Resource, method: &Method) -> Response<HttpBody> {
    if method != Method::GET && method != Method::HEAD {
        return status::method_not_allowed("GET, HEAD, OPTIONS");
    }
    let info = service.0.dispatcher.info();
    let mut document = mcp_core::serde_json::json!({
        "resource": resource.as_str(),
        "authorization_servers": service.issuers(),
        "bearer_methods_supported": ["header"],
        "resource_name": info.title.as_deref().unwrap_or(&info.name),
    });
    let scopes = service.baseline_scopes();
    if !scopes.is_empty() {
        document["scopes_supported"] = scopes.into();
    }
    if let Some(url) = &info.website_url {
        document["resource_documentation"] = url.as_str().into();
    }
    let mut response = json(StatusCode::OK, document.to_string());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    // Metadata is for everybody; browsers read it before they are anybody's.
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Answers a probe: whether the process lives, or whether it takes new calls.
pub(crate) fn health(taking_calls: bool) -> Response<HttpBody> {
    let (status, text) = if taking_calls { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "shutting down") };
    let mut response = json(status, format!("{{\"status\":\"{text}\"}}"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn json(status: StatusCode, body: String) -> Response<HttpBody> {
    let mut response = Response::new(HttpBody::full(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
