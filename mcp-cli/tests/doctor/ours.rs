//! Our own servers, in which nothing is wrong.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use mcp_tests::authorized::Authorized;

use crate::running::{mcp, names};

/// What nobody can look at who is not signed in.
pub(crate) const SIGNED_IN: [&str; 7] =
    ["login.done", "token.accepted", "era.spoken", "session.initialized", "session.stream", "tools.list", "tools.call"];

/// Reaches nobody, so that nothing depends on the hosts of others.
#[derive(Debug)]
pub(crate) struct Nowhere;

#[async_trait]
impl mcp_auth::Fetch for Nowhere {
    async fn fetch(&self, _: Request<Bytes>) -> Result<Response<Bytes>, mcp_auth::FetchError> {
        Err(mcp_auth::FetchError::Unreachable("nobody is reached from here".to_owned()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_authorization_server_passes() {
    let site = Authorized::with(|builder| builder.fetcher(Arc::new(Nowhere))).await;
    let url = format!("{}/mcp", site.url);
    let run = mcp(&["doctor", &url, "--json"]).await;
    assert_eq!((run.code, names(&run.report(), "FAIL")), (0, Vec::new()), "{run:#?}");
    let skipped = names(&run.report(), "skipped");
    assert_eq!(skipped, SIGNED_IN, "{run:#?}");
}
