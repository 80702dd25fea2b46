//! Being asked to stop, by Ctrl-C or by whoever manages processes.

use mcp_parity::asked_to_stop;

use crate::failure::Failure;

/// Runs something until it is done, or somebody asks to stop.
pub(crate) async fn until_interrupted<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = asked_to_stop() => {
            tokio::spawn(async {
                // Whoever asks twice does not want to wait for things to be put in order.
                asked_to_stop().await;
                std::process::exit(Failure::Cancelled.code());
            });
            Err(Failure::Cancelled)
        }
        done = work => done,
    }
}
