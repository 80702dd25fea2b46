//! What servers ask and tell while a call runs.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mcp_client::{
    Builder, Client, ClientHandler, Elicitation, Elicited, LogLevel, LogMessage, Offers, Progress, Refusal, Root, Sampled, Sampling,
};
use serde_json::{Value, json};

use crate::server::everywhere;

/// Answers everything, and remembers what it was told.
#[derive(Default)]
struct Obliging {
    told: Mutex<Vec<String>>,
    refuses: bool,
}

#[async_trait]
impl ClientHandler for Obliging {
    fn offers(&self) -> Offers {
        Offers::NONE.forms().urls().sampling().roots()
    }

    async fn elicit(&self, elicitation: Elicitation) -> Elicited<Value> {
        match &elicitation {
            _ if self.refuses => Elicited::Declined,
            Elicitation::Url { url, .. } if url == "https://example.com/in" => Elicited::Accepted(Value::Null),
            Elicitation::Form { message, .. } if message == "Who are you?" => Elicited::Accepted(json!({"name": "Ada", "age": 36})),
            _ => Elicited::Accepted(json!({"name": "Bob", "age": 0})),
        }
    }

    async fn sample(&self, sampling: Sampling) -> Result<Sampled, Refusal> {
        if self.refuses {
            return Err(Refusal::new("the user said no"));
        }
        let asked = sampling.messages[0].text();
        Ok(Sampled::text("test-model", format!("{} {asked} {}", sampling.system_prompt.unwrap_or_default(), sampling.max_tokens)))
    }

    async fn roots(&self) -> Result<Vec<Root>, Refusal> {
        Ok(vec![Root { uri: "file:///a".to_owned(), name: None }, Root { uri: "file:///b".to_owned(), name: Some("B".to_owned()) }])
    }

    fn log(&self, message: LogMessage) {
        self.told.lock().expect("nobody panics").push(format!("log {:?} {:?} {}", message.level, message.logger, message.data));
    }

    fn progress(&self, progress: &Progress) {
        self.told.lock().expect("nobody panics").push(format!("progress {} of {:?}", progress.progress, progress.total));
    }
}

fn obliging() -> Builder {
    Client::builder().handler(Obliging::default())
}

#[tokio::test]
async fn the_user_is_asked_as_often_as_it_takes() {
    everywhere(obliging, async |client, _| {
        let answer = client.call_tool("ask", &()).await.expect("an answer");
        if client.revision().has_elicitation() {
            assert_eq!((answer.is_error, answer.text()), (false, "Ada and Bob".to_owned()));
        } else {
            assert!(answer.is_error, "{answer:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_user_is_sent_to_pages_and_may_decline() {
    everywhere(obliging, async |client, _| {
        let answer = client.call_tool("visit", &()).await.expect("an answer");
        let expected = if client.revision().has_url_elicitation() { "accept" } else { "the client" };
        assert!(answer.text().starts_with(expected), "{answer:?}");
    })
    .await;
    let declining = || Client::builder().handler(Obliging { refuses: true, ..Obliging::default() });
    everywhere(declining, async |client, _| {
        let answer = client.call_tool("ask", &()).await.expect("an answer");
        assert_eq!(answer.text() == "nobody", client.revision().has_elicitation(), "{answer:?}");
    })
    .await;
}

#[tokio::test]
async fn the_model_and_the_roots_are_asked_in_every_revision() {
    everywhere(obliging, async |client, _| {
        assert_eq!(client.call_tool("think", &()).await.expect("an answer").text(), "Be brief. Think! 1000");
        assert_eq!(client.call_tool("roots", &()).await.expect("an answer").text(), "file:///a file:///b");
    })
    .await;
}

#[tokio::test]
async fn a_refusal_of_the_handler_ends_the_call() {
    let declining = || Client::builder().handler(Obliging { refuses: true, ..Obliging::default() });
    everywhere(declining, async |client, _| match client.call_tool("think", &()).await {
        // Where the server may ask, it hears of the refusal and says what follows from it.
        Ok(answer) => assert!(answer.is_error && !client.revision().is_modern(), "{answer:?}"),
        Err(error) => assert!(client.revision().is_modern() && error.to_string() == "the handler refused: the user said no", "{error:?}"),
    })
    .await;
}

#[tokio::test]
async fn nothing_is_asked_of_a_client_that_offers_nothing() {
    everywhere(Client::builder, async |client, _| {
        for tool in ["ask", "visit", "think", "roots"] {
            match client.call_tool(tool, &()).await {
                Ok(answer) => assert!(answer.is_error, "{answer:?}"),
                Err(error) => assert_eq!(error.server_error().map(|error| error.code), Some(-32021), "{error:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn progress_and_log_messages_arrive_in_order_before_the_answer() {
    let handler = Arc::new(Obliging::default());
    let builder = || Client::builder().shared_handler(Arc::clone(&handler) as _).log_level(LogLevel::Info).report_progress();
    everywhere(builder, async |client, _| {
        handler.told.lock().expect("nobody panics").clear();
        client.call_tool("count", &()).await.expect("an answer");
        let told = handler.told.lock().expect("nobody panics").clone();
        let expected: Vec<String> =
            (1..=3).flat_map(|step| [format!("progress {step} of Some(3.0)"), format!("log Info Some(\"count\") {step}")]).collect();
        assert_eq!(told, expected);
    })
    .await;
}

#[tokio::test]
async fn progress_can_be_heard_of_one_call() {
    everywhere(Client::builder, async |client, _| {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hear = Arc::clone(&heard);
        let call = client.call_tool("count", &()).on_progress(move |progress| hear.lock().expect("nobody panics").push(progress.progress));
        call.await.expect("an answer");
        assert_eq!(*heard.lock().expect("nobody panics"), [1.0, 2.0, 3.0]);
    })
    .await;
}
