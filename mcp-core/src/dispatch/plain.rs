//! The plain-HTTP adapter: tools without JSON-RPC, over the same dispatcher.

use bytes::Bytes;
use serde_json::{Value, json};

use super::admit;
use super::exchange::request_scope;
use super::reply::{Envelope, Outcome, Reply, outcome_of};
use super::{Dispatcher, Exchange, Request, Started, call, queries};
use crate::protocol::capabilities::ClientCapabilities;
use crate::protocol::error::{RpcError, code};
use crate::protocol::frame::{RequestId, describe, not_json};
use crate::protocol::meta::Params;
use crate::protocol::revision::Revision;
use crate::protocol::scan::Scanner;
use crate::registry::ListKind;

impl Dispatcher {
    /// Calls a tool with a JSON object of arguments; the reply's body is the bare result or an object with `error`.
    pub fn call_plain(&self, name: &str, arguments: &Bytes, exchange: &Exchange) -> Started {
        let fail = |error: &RpcError| Started::Done(Reply::error(Envelope::Bare, None, error, outcome_of(error, true, Envelope::Bare)));
        if arguments.len() > self.shared().limits.max_message_bytes {
            let error =
                RpcError::new(code::TOO_LARGE, format!("the message is larger than {} bytes", self.shared().limits.max_message_bytes));
            return Started::Done(Reply::error(Envelope::Bare, None, &error, Outcome::TooLarge));
        }
        let text = match std::str::from_utf8(arguments) {
            Ok(text) if text.trim().is_empty() => "{}",
            Ok(text) => text,
            Err(error) => {
                let message = format!("the message is not valid UTF-8 at byte {}", error.valid_up_to());
                return fail(&RpcError::new(code::PARSE_ERROR, message));
            }
        };
        let max_depth = self.shared().limits.max_depth;
        let mut scanner = Scanner::new(text, max_depth);
        let body = match scanner.value(0).and_then(|body| scanner.end().map(|()| body)) {
            Ok(body) if body.is_object() => body.get(),
            Ok(body) => {
                return fail(&RpcError::invalid_params(format!("the body must be an object of arguments, not {}", describe(body.get()))));
            }
            Err(fault) => return fail(&not_json(text, fault, max_depth).error),
        };
        let frame = Bytes::from(format!("{{\"name\":{},\"arguments\":{body}}}", crate::json::quote(name)));
        let mut params = Params::default();
        let members = std::str::from_utf8(&frame).unwrap_or_default();
        // The arguments were scanned already; they stand one level deeper here.
        if params.scan(&mut Scanner::new(members, max_depth + 1), 0).is_err() {
            return fail(&RpcError::internal());
        }
        if let Err((error, outcome)) = admit::gate(self.shared(), exchange) {
            return Started::Done(Reply::error(Envelope::Bare, None, &error, outcome));
        }
        let request = self.plain_request(&frame, params, exchange);
        call::tool(self.shared(), &self.shared().live.snapshot(), &request)
    }

    /// Lists the tools the caller may see; the reply's body is the bare result.
    pub fn list_plain(&self, exchange: &Exchange) -> Reply {
        if let Err((error, outcome)) = admit::gate(self.shared(), exchange) {
            return Reply::error(Envelope::Bare, None, &error, outcome);
        }
        let frame = Bytes::new();
        let request = self.plain_request(&frame, Params::default(), exchange);
        queries::list(self.shared(), &self.shared().live.snapshot(), &request, ListKind::Tools)
    }

    /// Everything the caller may see, as an object of the lists that clients get, whatever their length.
    pub fn describe(&self, exchange: &Exchange) -> Bytes {
        self.shared().live.snapshot().describe(Revision::LATEST, &exchange.principal, &self.shared().lists).into()
    }

    fn plain_request<'a>(&self, frame: &'a Bytes, params: Params<'a>, exchange: &'a Exchange) -> Request<'a> {
        Request {
            id: RequestId::from_json("0".to_owned()),
            params,
            frame,
            exchange,
            revision: Revision::LATEST,
            capabilities: ClientCapabilities::default(),
            log_level: None,
            progress_token: None,
            session: None,
            scope: request_scope(exchange, None),
            envelope: Envelope::Bare,
        }
    }

    /// An OpenAPI 3.1 document of the plain-HTTP adapter at `base`, with the tools the caller may see.
    pub fn openapi(&self, base: &str, exchange: &Exchange) -> Bytes {
        let shared = self.shared();
        let offers = shared.live.snapshot();
        let error =
            json!({"description": "what was wrong", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}});
        let mut paths = serde_json::Map::new();
        for tool in offers.tools().iter().filter(|tool| admit::sees(&exchange.principal, &tool.item.access)) {
            let schema = |write: &dyn Fn(&mut Vec<u8>)| {
                let mut out = Vec::new();
                write(&mut out);
                serde_json::from_slice::<Value>(&out).unwrap_or_default()
            };
            let input = schema(&|out| tool.input.write(out, Revision::LATEST, crate::SchemaStyle::Portable));
            let mut result = json!({
                "type": "object",
                "properties": {"content": {"type": "array", "items": {"type": "object"}}, "isError": {"type": "boolean"}},
                "required": ["content"],
            });
            if let Some(output) = &tool.output {
                result["properties"]["structuredContent"] =
                    schema(&|out| output.write(out, Revision::LATEST, crate::SchemaStyle::Portable));
            }
            let mut operation = json!({
                "operationId": tool.name(),
                "description": tool.item.description(),
                "requestBody": {"required": true, "content": {"application/json": {"schema": input}}},
                "responses": {
                    "200": {"description": "the tool's result", "content": {"application/json": {"schema": result}}},
                    "400": error, "401": error, "403": error, "404": error, "413": error, "429": error, "500": error,
                },
            });
            let scopes: Vec<&str> = tool.item.access.scopes().collect();
            if !scopes.is_empty() {
                operation["security"] = json!([{"bearer": scopes}]);
            }
            paths.insert(format!("{base}/tool/{}", tool.name()), json!({"post": operation}));
        }
        paths.insert(
            format!("{base}/tools"),
            json!({"get": {"operationId": "list-tools", "description": "List the tools the caller may see.", "responses": {
                "200": {"description": "the tools", "content": {"application/json": {"schema": {"type": "object"}}}}, "401": error,
            }}}),
        );
        let document = json!({
            "openapi": "3.1.0",
            "info": {"title": shared.info.name, "version": shared.info.version},
            "paths": paths,
            "components": {
                "schemas": {"Error": {"type": "object", "required": ["error"], "properties": {"error": {
                    "type": "object", "required": ["code", "message"],
                    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}, "data": {}},
                }}}},
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            },
        });
        document.to_string().into()
    }
}
