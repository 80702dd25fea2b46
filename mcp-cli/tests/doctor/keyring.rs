//! Logins that only the keyring opens: a real Secret Service, on a bus of its own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use mcp_auth::server::ClientToAdd;
use mcp_tests::authorized::Authorized;
use tempfile::TempDir;

use crate::home::Home;
use crate::ours::Nowhere;

/// A session bus, and the keyring that it starts when somebody asks for one.
struct Bus {
    daemon: Child,
    folder: TempDir,
    address: String,
}

impl Bus {
    /// Starts one, or says why it cannot be.
    fn start() -> Result<Self, String> {
        for program in ["dbus-daemon", "gnome-keyring-daemon"] {
            let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            found.map_err(|error| format!("`{program}`: {error}"))?;
        }
        let folder = tempfile::tempdir().expect("there is room");
        let at = folder.path().display();
        let write = |name: &str, text: String| fs::write(folder.path().join(name), text).expect("it is ours");
        write("password", "correct horse".to_owned());
        // It says who it is, so that it can be ended.
        let start = format!("echo $$ >{at}/pid; exec gnome-keyring-daemon --foreground --unlock --components=secrets <{at}/password");
        write("secrets.service", format!("[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/sh -c \"{start}\"\n"));
        write(
            "bus.conf",
            format!(
                r#"<busconfig><type>session</type><listen>unix:dir={at}</listen><servicedir>{at}</servicedir>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>"#
            ),
        );
        let mut daemon = Command::new("dbus-daemon");
        daemon.arg(format!("--config-file={at}/bus.conf")).args(["--nofork", "--nopidfile", "--print-address"]);
        for name in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"] {
            daemon.env(name, folder.path());
        }
        daemon.env_remove("DBUS_SESSION_BUS_ADDRESS").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut daemon = daemon.spawn().map_err(|error| error.to_string())?;
        let mut address = String::new();
        let mut said = BufReader::new(daemon.stdout.take().expect("asked for above"));
        said.read_line(&mut address).expect("it says where it is");
        Ok(Self { daemon, folder, address: address.trim().to_owned() })
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        if let Ok(pid) = fs::read_to_string(self.folder.path().join("pid")) {
            let _ = Command::new("kill").arg(pid.trim()).status();
        }
        // Both fail for a process that has ended, which is as well.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// What is in all files of a home, and in the files' names.
fn everything(home: &Home) -> Vec<u8> {
    let mut found = Vec::new();
    for path in home.all_files() {
        found.extend_from_slice(path.as_os_str().as_encoded_bytes());
        found.extend(fs::read(path).expect("it is ours"));
    }
    found
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn has_sealed(home: &Home) -> bool {
    home.all_files().iter().any(|path| path.extension() == Some(Path::new("sealed").as_os_str()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_in_the_keyring_is_shared_renewed_once_and_of_no_use_without_it() {
    let bus = match Bus::start() {
        Ok(bus) => bus,
        Err(why) => return eprintln!("skipped: there is no keyring to try: {why}"),
    };
    let site = Authorized::with(|builder| builder.fetcher(Arc::new(Nowhere))).await;
    let url = format!("{}/mcp", site.url);
    let home = Home::new().with("DBUS_SESSION_BUS_ADDRESS", &bus.address);
    home.sign_in(&site, &["login", &url, "--print-url", "--store", "keyring"], true).await.is(0, &["issuer", "scopes"], &[]);
    assert!(has_sealed(&home) && home.files().is_empty(), "{:?}", home.all_files());
    for secret in ["eyJ", "mrt1.", "\"access\"", &*site.url] {
        assert!(!holds(&everything(&home), secret), "{secret}");
    }
    // Every command finds it where it is, and leaves it there.
    home.mcp(&["whoami", &url]).await.is(0, &["as the saved login says"], &[]);
    site.clock.advance(Duration::from_secs(2 * 3_600));
    let call = ["call", url.as_str(), "reads"];
    let runs = tokio::join!(home.mcp(&call), home.mcp(&call), home.mcp(&call), home.mcp(&call));
    for run in [runs.0, runs.1, runs.2, runs.3] {
        run.is(0, &[], &[]);
    }
    let renewed = site.records().iter().filter(|line| line.contains("oauth/refresh")).count();
    assert_eq!(renewed, 1, "{:#?}", site.records());
    assert!(has_sealed(&home) && home.files().is_empty(), "{:?}", home.all_files());

    // Without the keyring, or with another one, what is on the disk is nobody's login.
    let home = home.with("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    home.mcp(&call).await.is(1, &[], &["the keyring of the system cannot be used"]);
    let other = Bus::start().expect("there was one before");
    let home = home.with("DBUS_SESSION_BUS_ADDRESS", &other.address);
    home.mcp(&call).await.is(4, &[], &["run `mcp login"]);

    let home = home.with("DBUS_SESSION_BUS_ADDRESS", &bus.address);
    home.mcp(&call).await.is(0, &[], &[]);
    home.mcp(&["logout", &url]).await.is(0, &[], &["is removed from this machine"]);
    assert!(site.recorded("oauth/revoke", "succeeded") && !has_sealed(&home), "{:?}", home.all_files());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_moves_between_keyring_and_file() {
    let bus = match Bus::start() {
        Ok(bus) => bus,
        Err(why) => return eprintln!("skipped: there is no keyring to try: {why}"),
    };
    let site = Authorized::with(|builder| builder.fetcher(Arc::new(Nowhere))).await;
    let url = format!("{}/mcp", site.url);
    let scopes = Some(["mcp:read".to_owned()].into());
    let added = site.auth.add_client(ClientToAdd { name: "Nightly job".to_owned(), scopes, ..ClientToAdd::default() }).await;
    let client = added.expect("it is sound");
    let home = Home::new().with("DBUS_SESSION_BUS_ADDRESS", &bus.address).with("SECRET", &client.secret.expect("it keeps one"));
    for (place, sealed) in [(None, false), (Some("keyring"), true), (None, true), (Some("file"), false)] {
        let mut words = vec!["login", &url, "--client-id", &client.id, "--client-secret-env", "SECRET", "--client-credentials"];
        words.extend(place.iter().flat_map(|place| ["--store", place]));
        home.mcp(&words).await.is(0, &["mcp:read"], &[]);
        assert_eq!((has_sealed(&home), home.files().len()), (sealed, usize::from(!sealed)), "{place:?}: {:?}", home.all_files());
        home.mcp(&["call", &url, "reads"]).await.is(0, &[], &[]);
    }
}
