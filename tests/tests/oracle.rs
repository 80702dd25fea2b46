//! The same requests to this authorization server and to another one, `oauth-as`, which shares no code with it.
//!
//! Only the class of the two answers is compared: a page, a redirect with a code or an error, tokens, a refusal by its error.
//! Where the two differ on purpose, the step says why, and one that says so and does not differ fails as well.

#[path = "oracle/ask.rs"]
mod ask;
#[path = "oracle/authorization.rs"]
mod authorization;
#[path = "oracle/codes.rs"]
mod codes;
#[path = "oracle/ours.rs"]
mod ours;
#[path = "oracle/outcome.rs"]
mod outcome;
#[path = "oracle/play.rs"]
mod play;
#[path = "oracle/registration.rs"]
mod registration;
#[path = "oracle/theirs.rs"]
mod theirs;
#[path = "oracle/tokens.rs"]
mod tokens;

use std::sync::Arc;

use mcp_tests::protected::Signer;

use ask::Script;
use ours::Ours;
use theirs::Theirs;

/// Plays scripts to both and compares the classes.
async fn compare(scripts: Vec<Script>) {
    let mut wrong = Vec::new();
    for script in scripts {
        let signer = Arc::new(Signer::new("one"));
        let ours = play::play(&mut Ours::start(&signer).await, &signer, &script).await;
        let theirs = play::play(&mut Theirs::start(&signer).await, &signer, &script).await;
        for ((step, own), other) in script.steps.iter().zip(&ours).zip(&theirs) {
            match step.differs {
                None if own != other => wrong.push(format!("{}: {}: ours `{own}`, theirs `{other}`", script.name, step.what)),
                Some(_) if own == other => wrong.push(format!("{}: {}: no difference any more: `{own}`", script.name, step.what)),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn requests_for_authorization() {
    compare(authorization::authorization()).await;
}

#[tokio::test]
async fn exchanges_of_codes() {
    compare(codes::codes()).await;
}

#[tokio::test]
async fn authentication_of_clients() {
    compare(codes::clients()).await;
}

#[tokio::test]
async fn refreshes() {
    compare(tokens::refreshes()).await;
}

#[tokio::test]
async fn revocation_and_introspection() {
    compare(tokens::tokens()).await;
}

#[tokio::test]
async fn registration() {
    compare(registration::registration()).await;
}
