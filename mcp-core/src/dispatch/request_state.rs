//! Calls that end to ask, and the sealed state with which they come back
//! (2026-07-28, basic/patterns/mrtr).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::render::finish_result;
use super::reply::{Envelope, Reply};
use crate::access::Principal;
use crate::call::{Asks, CallState, Context};
use crate::json::Object;
use crate::protocol::error::RpcError;
use crate::protocol::frame::describe;
use crate::protocol::scan::Raw;
use crate::runtime::unix_seconds;
use crate::seal::Purpose;
use crate::tasks::write_questions;

/// What travels with the client between rounds.
#[derive(Serialize, Deserialize)]
struct State {
    /// When it stops being good, in seconds since 1970.
    expires: u64,
    /// The questions that the client was asked.
    asked: Vec<String>,
    answers: BTreeMap<String, Box<RawValue>>,
    memo: BTreeMap<String, Box<RawValue>>,
}

/// What a state is bound to: who calls what with which arguments.
fn bound(principal: &Principal, method: &str, target: &str, arguments: &[u8]) -> Vec<u8> {
    let mut arguments: Value = serde_json::from_slice(arguments).unwrap_or_default();
    // A client may write the same arguments in another order.
    arguments.sort_all_objects();
    serde_json::json!([*principal.binding(), method, target, arguments]).to_string().into_bytes()
}

/// Ends a call with the questions it asked.
pub(crate) fn input_required(call: &std::sync::Arc<CallState>, envelope: Envelope, method: &str) -> Reply {
    call.note.conclude(crate::Verdict::InputRequired);
    let context = Context(std::sync::Arc::clone(call));
    let asks = context.asks();
    let shared = &call.shared;
    let state = State {
        expires: unix_seconds(shared.runtime.now()) + shared.limits.request_state_ttl.as_secs(),
        asked: asks.open.iter().map(|question| question.key.clone()).collect(),
        answers: asks.answers.clone(),
        memo: asks.memo.clone(),
    };
    let state = serde_json::to_vec(&state).expect("a state is plain data");
    let bound = bound(&call.principal, method, &call.target, &call.arguments);
    let token = shared.lists.sealer.seal(Purpose::RequestState, &bound, &state);
    Reply::result(envelope, &call.id, 1_024, |out| {
        let mut object = Object::open(out);
        write_questions(object.key("inputRequests"), asks.open.iter());
        object.text("requestState", &token);
        finish_result(call, &mut object, "input_required", None);
        object.close();
    })
}

/// Takes up the answers and the state that a repeated request carries.
///
/// # Errors
/// When the state is not one of ours, is too old, or was made for another caller or request.
#[allow(clippy::too_many_arguments, reason = "each is a part of the request the state is bound to")]
pub(crate) fn resume(
    asks: &mut Asks,
    shared: &super::Shared,
    principal: &Principal,
    method: &str,
    target: &str,
    arguments: &[u8],
    responses: Option<Raw<'_>>,
    state: Option<&str>,
) -> Result<(), RpcError> {
    let mut asked = Vec::new();
    if let Some(token) = state {
        let bound = bound(principal, method, target, arguments);
        let state: State = shared
            .lists
            .sealer
            .open(Purpose::RequestState, &bound, token)
            .and_then(|text| serde_json::from_slice(&text).ok())
            .ok_or_else(|| RpcError::invalid_params("`params.requestState` was not issued for this request; repeat it without one"))?;
        if state.expires < unix_seconds(shared.runtime.now()) {
            return Err(RpcError::invalid_params("`params.requestState` has expired; repeat the request without one"));
        }
        asked = state.asked;
        asks.answers = state.answers;
        asks.memo = state.memo;
    }
    if let Some(responses) = responses {
        let responses: BTreeMap<String, Box<RawValue>> = serde_json::from_str(responses.get()).map_err(|_| {
            RpcError::invalid_params(format!("`params.inputResponses` must be an object, not {}", describe(responses.get())))
        })?;
        // With a state it is known what was asked, and other answers are not carried along. Without one the client answers
        // beforehand: it speaks for its user either way.
        asks.answers.extend(responses.into_iter().filter(|(key, _)| state.is_none() || asked.contains(key)));
    }
    Ok(())
}
