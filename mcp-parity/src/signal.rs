//! Being asked to stop.

/// Completes when somebody asks this process to stop: by Ctrl-C, and where there are such signals by SIGTERM, or by SIGHUP, unless
/// that is ignored as under `nohup`.
pub async fn asked_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::SignalKind;
        tokio::select! {
            () = interrupted => {}
            () = received(SignalKind::terminate()) => {}
            () = received(SignalKind::hangup()), if hears_hangup() => {}
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}

/// Completes when a signal comes; never, if it cannot be heard.
#[cfg(unix)]
async fn received(kind: tokio::signal::unix::SignalKind) {
    match tokio::signal::unix::signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

/// Whether SIGHUP ends this process, so that it may as well end in good order.
#[cfg(target_os = "linux")]
fn hears_hangup() -> bool {
    static HEARS: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    // The first time, before anything listens for the signal: `SigIgn` is a mask in which the lowest bit is SIGHUP (proc_pid_status(5)).
    *HEARS.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
        ignored.is_none_or(|mask| mask & 1 == 0)
    })
}

/// Elsewhere it cannot be asked for. Under `nohup` no terminal shows the standard error.
#[cfg(all(unix, not(target_os = "linux")))]
fn hears_hangup() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stderr())
}
