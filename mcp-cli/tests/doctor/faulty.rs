//! A server and its authorization server on loopback, right in everything but one thing.

use mcp_testkit::{Asked, Document, Loopback};
use serde_json::{Value, json};

use crate::fault::Fault;

/// Where clients may be led back to, as they registered.
const REGISTERED: &[&str] = &[
    "https://claude.ai/api/mcp/auth_callback",
    "http://localhost/callback",
    "http://127.0.0.1/callback",
    "https://chatgpt.com/connector_platform_oauth_redirect",
    "http://127.0.0.1:33418/",
    "http://127.0.0.1:33418/callback",
];

/// Starts one.
pub(crate) async fn start(fault: Fault) -> Loopback {
    Loopback::start(|origin| {
        let server = Server { origin: origin.to_owned(), fault };
        move |asked| server.answer(asked)
    })
    .await
}

struct Server {
    origin: String,
    fault: Fault,
}

impl Server {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    fn answer(&self, asked: &Asked) -> Document {
        match asked.path.as_str() {
            "/mcp" => self.endpoint(asked),
            "/.well-known/oauth-protected-resource/mcp" if !self.has(Fault::NoMetadataByPath) => match self.fault {
                Fault::PageInPlaceOfMetadata => page("an app"),
                _ => shared(&self.resource()),
            },
            "/.well-known/oauth-protected-resource" => match self.fault {
                Fault::PageAtRoot => page("an app"),
                _ => shared(&self.resource()),
            },
            "/.well-known/oauth-authorization-server" => shared(&self.metadata()),
            "/jwks" => self.keys(),
            "/register" => self.register(asked),
            "/authorize" => self.authorize(asked),
            _ if self.has(Fault::PageForMissing) => page("not found").status(404),
            _ => Document::json(&json!({"error": "not_found"})).status(404),
        }
    }

    fn endpoint(&self, asked: &Asked) -> Document {
        let from = asked.header("origin");
        if from.is_some_and(|origin| origin.contains("attacker")) && !self.has(Fault::AnyPage) {
            return Document::json(&json!({"error": "origin"})).status(403);
        }
        let mut answer = match asked.method.as_str() {
            _ if self.has(Fault::Redirected) => Document::redirect(308, "/mcp/"),
            "HEAD" => Document::json(&json!({})).header("MCP-Protocol-Version", "2025-11-25"),
            "OPTIONS" if self.has(Fault::PreflightRefused) => self.refusal(false),
            "OPTIONS" => Document::new("text/plain", "")
                .status(204)
                .header("Access-Control-Allow-Methods", "GET, POST, DELETE")
                .header("Access-Control-Allow-Headers", "Authorization, Content-Type, MCP-Protocol-Version, Mcp-Session-Id"),
            "GET" if self.has(Fault::GetNotAllowed) => Document::json(&json!({})).status(405),
            _ if self.has(Fault::OkWithoutToken) => Document::json(&json!({"jsonrpc": "2.0", "id": 1, "result": {}})),
            _ if self.has(Fault::OkWithChallenge) => self.refusal(false).status(200),
            _ if asked.header("authorization").is_some() && self.has(Fault::AnyToken) => Document::json(&json!({"result": {}})),
            _ => self.refusal(asked.header("authorization").is_some()),
        };
        if let Some(origin) = from {
            answer = answer.header("Access-Control-Allow-Origin", origin);
            if !self.has(Fault::NothingExposed) {
                answer = answer.header("Access-Control-Expose-Headers", "WWW-Authenticate, Mcp-Session-Id");
            }
        }
        answer
    }

    fn refusal(&self, token: bool) -> Document {
        let error = if token { "error=\"invalid_token\", " } else { "" };
        let place = match self.fault {
            Fault::NoMetadataByPath => self.url("/.well-known/oauth-protected-resource"),
            _ => self.url("/.well-known/oauth-protected-resource/mcp"),
        };
        let challenge = match self.fault {
            Fault::NoChallengeMetadata => format!("Bearer {error}scope=\"mcp:read\""),
            Fault::OtherScheme => "Basic realm=\"mcp\"".to_owned(),
            Fault::BrokenQuotes => format!("Bearer {error}resource_metadata=\"{place}, scope=\"mcp:read\""),
            Fault::NoCommas => format!("Bearer {error}resource_metadata=\"{place}\" scope=\"mcp:read\""),
            Fault::NoQuotes => format!("Bearer {error}resource_metadata={place}, scope=\"mcp:read\""),
            _ => format!("Bearer {error}resource_metadata=\"{place}\", scope=\"mcp:read\""),
        };
        let refusal = Document::json(&json!({"error": "unauthorized"})).status(401);
        if self.has(Fault::NoChallenge) { refusal } else { refusal.header("WWW-Authenticate", challenge) }
    }

    fn resource(&self) -> Value {
        let resource = match self.fault {
            Fault::ResourceOfAnotherHost => "https://staging.example.com/mcp".to_owned(),
            Fault::ResourceWithoutPath => self.origin.clone(),
            _ => self.url("/mcp"),
        };
        let issuer = match self.fault {
            Fault::HttpIssuer => "http://auth.example.com".to_owned(),
            _ => self.origin.clone(),
        };
        json!({"resource": resource, "authorization_servers": [issuer], "scopes_supported": ["mcp:read"]})
    }

    fn metadata(&self) -> Value {
        let issuer = if self.has(Fault::OtherIssuer) { self.url("/") } else { self.origin.clone() };
        let mut metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": self.url("/authorize"),
            "token_endpoint": self.url("/token"),
            "registration_endpoint": self.url("/register"),
            "jwks_uri": self.url("/jwks"),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "client_id_metadata_document_supported": true,
            "authorization_response_iss_parameter_supported": true,
        });
        match self.fault {
            Fault::IssNotAdvertised | Fault::NoIssAtAll => metadata["authorization_response_iss_parameter_supported"] = json!(false),
            Fault::NoS256 => metadata["code_challenge_methods_supported"] = json!(["plain"]),
            Fault::NoPublicClients => metadata["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic"]),
            Fault::KeysUnreachable => metadata["jwks_uri"] = json!("http://127.0.0.1:1/jwks"),
            Fault::NoWayIn => {
                metadata["registration_endpoint"] = Value::Null;
                metadata["client_id_metadata_document_supported"] = json!(false);
            }
            _ => {}
        }
        metadata
    }

    fn keys(&self) -> Document {
        let mut key = json!({"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "kid": "1", "use": "sig"});
        match self.fault {
            Fault::EmptyKeys => return Document::json(&json!({"keys": []})),
            Fault::ExpiredKeys => key["exp"] = json!(1_700_000_000),
            _ => {}
        }
        Document::json(&json!({"keys": [key]}))
    }

    fn register(&self, asked: &Asked) -> Document {
        let metadata: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        if self.has(Fault::CursorRefused) && metadata["redirect_uris"].to_string().contains("cursor://") {
            return Document::json(&json!({"error": "invalid_redirect_uri"})).status(400);
        }
        Document::json(&json!({"client_id": "registered", "redirect_uris": metadata["redirect_uris"]})).status(201)
    }

    fn authorize(&self, asked: &Asked) -> Document {
        let parameter = |name| asked.parameter(name).unwrap_or_default();
        let redirect_uri = parameter("redirect_uri");
        let is_document = parameter("client_id").starts_with("https://");
        if (is_document && self.has(Fault::DocumentsRefused)) || !self.is_registered(&redirect_uri) {
            return page("This client is not known").status(400);
        }
        if parameter("response_type") != "code" {
            let state = if self.has(Fault::StateChanged) { parameter("state").replace('/', "") } else { parameter("state") };
            let state = state.replace('/', "%2F").replace('=', "%3D");
            let iss = match self.fault {
                Fault::NoIssThoughAdvertised | Fault::NoIssAtAll => String::new(),
                Fault::OtherIss => "&iss=https://other.example.com".to_owned(),
                Fault::OtherIssuer => format!("&iss={}", self.url("/")),
                _ => format!("&iss={}", self.origin),
            };
            return Document::redirect(302, &format!("{redirect_uri}?error=unsupported_response_type&state={state}{iss}"));
        }
        let head = match self.fault {
            Fault::FormActionInPage => "<meta http-equiv=\"Content-Security-Policy\" content=\"form-action 'self'\">",
            _ => "",
        };
        let policy = match self.fault {
            Fault::FormActionSelf => "default-src 'none'; form-action 'self'",
            _ => "default-src 'none'; frame-ancestors 'none'",
        };
        let form = "<form method=post action=/consent><button>Allow</button></form>";
        Document::html(&format!("<!doctype html>{head}<title>Allow</title>{form}")).header("Content-Security-Policy", policy)
    }

    fn is_registered(&self, redirect_uri: &str) -> bool {
        if redirect_uri.contains(".attacker.example") {
            return self.has(Fault::OpenRedirect);
        }
        let without_port = |uri: &str| {
            let (scheme, rest) = uri.split_once("://").unwrap_or_default();
            let (authority, path) = rest.split_once('/').unwrap_or_default();
            format!("{scheme}://{}/{path}", authority.split(':').next().unwrap_or_default())
        };
        REGISTERED.iter().any(|&known| match known.starts_with("http://") && !self.has(Fault::ExactPorts) {
            true => without_port(known) == without_port(redirect_uri),
            false => known == redirect_uri,
        })
    }
}

fn page(title: &str) -> Document {
    Document::html(&format!("<!doctype html><title>{title}</title>"))
}

/// A document that pages may read.
fn shared(document: &Value) -> Document {
    Document::json(document).header("Access-Control-Allow-Origin", "*")
}
