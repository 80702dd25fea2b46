//! What a server speaks and offers, before it is tested.

use std::time::{Duration, Instant};

use mcp_client::{Client, Era, Error, Revision};
use mcp_testkit::black_box::{Offer, OfferedPrompt, OfferedTool};

use crate::connect::Connect;
use crate::failure::Failure;
use crate::target::Target;

/// Added to the time a server took to start, multiplied by how many start at once. It costs nothing but where a server does not answer
/// the first message at all, and a machine may be busier later than it was when that time was taken.
const MARGIN: Duration = Duration::from_secs(10);

/// What is known of a server.
pub(super) struct Found {
    pub(super) revisions: Vec<Revision>,
    pub(super) offer: Offer,
    /// For how long to wait for it to start, in whole seconds.
    pub(super) opening: Duration,
}

/// Asks a server, before `jobs` conversations at once are held with it. `may_call` is given a tool's or other item's name, and whether it says that it changes nothing.
///
/// # Errors
/// When it speaks none of the revisions that are wanted.
pub(super) async fn probe(
    connect: &Connect,
    target: &Target,
    jobs: u16,
    all_revisions: bool,
    may_call: &dyn Fn(&str, bool) -> bool,
) -> Result<Found, Failure> {
    let (mut revisions, mut found, mut refusal) = (Vec::new(), None, None);
    for era in eras(connect.era(), all_revisions) {
        let begun = Instant::now();
        let connect = connect.in_era(era);
        let asked = connect.with(target.clone(), async |client: &Client| {
            let opening = Duration::from_secs((begun.elapsed() * u32::from(jobs) + MARGIN).as_secs());
            let offer = if found.is_none() { Some(offer(client, may_call).await?) } else { None };
            Ok((client.revision(), offer, opening))
        });
        match asked.await {
            Ok((revision, offer, opening)) => {
                if !revisions.contains(&revision) {
                    revisions.push(revision);
                }
                found = found.or(offer.map(|offer| (offer, opening)));
            }
            // It speaks other ones.
            Err(Failure::Client(error @ (Error::Unsupported(_) | Error::Protocol(_) | Error::Malformed(_)))) => refusal = Some(error),
            Err(failure) => return Err(failure),
        }
    }
    revisions.sort();
    match (found, refusal) {
        (Some((offer, opening)), _) => Ok(Found { revisions, offer, opening }),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(Failure::usage("no revision is to be spoken")),
    }
}

/// What to try. Whether a server is stateless shows only when it may say that it is not.
fn eras(era: Era, all: bool) -> Vec<Era> {
    match era {
        Era::Auto if all => {
            let legacy = Revision::ALL.into_iter().filter(|revision| !revision.is_modern());
            std::iter::once(Era::Auto).chain(legacy.map(Era::Exactly)).collect()
        }
        Era::Auto => vec![Era::Auto, Era::Legacy],
        other => vec![other],
    }
}

async fn offer(client: &Client, may_call: &dyn Fn(&str, bool) -> bool) -> Result<Offer, Failure> {
    let server = client.server();
    let mut offer = Offer::default();
    if server.can("tools") {
        let tools = client.list_tools().await?.into_iter().filter(|tool| may_call(&tool.name, tool.hints.read_only == Some(true)));
        offer.tools = tools.map(|tool| OfferedTool { name: tool.name, schema: tool.input_schema }).collect();
    }
    if server.can("resources") {
        let uris = client.list_resources().await?.into_iter().map(|resource| resource.uri);
        offer.resources = uris.filter(|uri| may_call(uri, true)).collect();
    }
    if server.can("prompts") {
        let prompts = client.list_prompts().await?.into_iter().filter(|prompt| may_call(&prompt.name, true));
        let arguments = |arguments: Vec<mcp_client::PromptArgument>| arguments.into_iter().map(|argument| argument.name).collect();
        offer.prompts = prompts.map(|prompt| OfferedPrompt { name: prompt.name, arguments: arguments(prompt.arguments) }).collect();
    }
    Ok(offer)
}
