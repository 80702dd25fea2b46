//! What a caller can be asked, in the words of both sides.

use async_trait::async_trait;
use mcp_client::{AskBack, Error, Offers, Question, Refusal};
use mcp_core::{ClientCapability, Context, Inquiry, RpcError};
use serde_json::value::RawValue;

/// What the caller can be asked.
pub(crate) fn offers(cx: &Context) -> Offers {
    let can = |capability| cx.client_can(capability);
    let mut offers = Offers::NONE;
    offers.forms = can(ClientCapability::ElicitationForm);
    offers.urls = can(ClientCapability::ElicitationUrl);
    offers.sampling = can(ClientCapability::Sampling);
    offers.sampling_tools = can(ClientCapability::SamplingTools);
    offers.roots = can(ClientCapability::Roots);
    offers
}

pub(crate) fn inquiry(question: Question) -> Inquiry {
    Inquiry { key: question.key, method: question.method, params: question.params }
}

/// A caller's refusal, as the upstream is told of it.
pub(crate) fn refusal(error: &RpcError) -> Refusal {
    Refusal::with_code(error.code(), error.message())
}

/// Asks the caller on behalf of a task of the upstream.
pub(crate) struct AskCaller(pub(crate) Context);

#[async_trait]
impl AskBack for AskCaller {
    async fn ask(&self, questions: Vec<Question>) -> mcp_client::Result<Vec<(String, Box<RawValue>)>> {
        let replies = self.0.inquire(questions.into_iter().map(inquiry).collect(), None).await;
        let replies = replies.map_err(|error| Error::Declined(error.message().to_owned()))?;
        let answer = |(key, answer): (String, Result<_, RpcError>)| match answer {
            Ok(answer) => Ok((key, answer)),
            Err(error) => Err(Error::Declined(error.message().to_owned())),
        };
        replies.answers.into_iter().map(answer).collect()
    }
}
