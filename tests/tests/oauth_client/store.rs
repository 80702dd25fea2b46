//! Where logins are kept, and the processes that share them.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use mcp_client::oauth::{FileStore, OAuth, TokenStore};
use mcp_testkit::Document;
use serde_json::json;
use tokio::process::{Child, Command};

use super::fake::Fake;
use super::{call, person};

/// Signs in at a fake whose access tokens have ended when they are given, and keeps the login in a directory.
async fn signed_in(directory: &Path) -> (Fake, FileStore) {
    let fake = Fake::start().await;
    let store = FileStore::new(directory);
    call(&fake, &signed_in_with(&store)).await.expect("it signs in");
    fake.script().forget_access();
    expire(&store, &fake.mcp()).await;
    (fake, store)
}

fn signed_in_with(store: &FileStore) -> Arc<OAuth> {
    Arc::new(person().store(Arc::new(store.clone())).build())
}

/// Lets a login that is kept have ended long ago.
async fn expire(store: &FileStore, server: &str) {
    let guard = store.lock(server).await.expect("a lock");
    let mut logins = store.load(server).await.expect("logins");
    logins[0].tokens.as_mut().expect("tokens").expires_at = Some(1);
    store.save(&guard, &logins).await.expect("it is kept");
}

fn process(fake: &Fake, directory: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oauth-client"));
    command.arg(fake.mcp()).arg(directory).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command.spawn().expect("it starts")
}

async fn succeeds(process: Child) {
    let output = process.wait_with_output().await.expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "done\n", "{}", String::from_utf8_lossy(&output.stderr));
}

fn refreshes(fake: &Fake) -> usize {
    fake.at("/token").iter().filter(|asked| asked.parameter("grant_type").as_deref() == Some("refresh_token")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn cl_21_processes_that_share_an_ended_login_renew_it_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let (fake, _) = signed_in(directory.path()).await;
    let processes: Vec<Child> = (0..10).map(|_| process(&fake, directory.path())).collect();
    for process in processes {
        succeeds(process).await;
    }
    assert_eq!(refreshes(&fake), 1);
    assert_eq!(fake.at("/authorize").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn cl_21_processes_whose_token_is_refused_renew_it_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let (fake, store) = signed_in(directory.path()).await;
    let guard = store.lock(&fake.mcp()).await.expect("a lock");
    let mut logins = store.load(&fake.mcp()).await.expect("logins");
    logins[0].tokens.as_mut().expect("tokens").expires_at = None;
    store.save(&guard, &logins).await.expect("it is kept");
    drop(guard);
    let processes: Vec<Child> = (0..5).map(|_| process(&fake, directory.path())).collect();
    for process in processes {
        succeeds(process).await;
    }
    assert_eq!((refreshes(&fake), fake.at("/authorize").len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn cl_21_a_refresh_token_is_kept_before_the_access_token_is_used() {
    let directory = tempfile::tempdir().expect("a directory");
    let (fake, store) = signed_in(directory.path()).await;
    // The first request with the new access token is never answered: the process is killed while it waits.
    fake.script().put("/mcp", Document::new("application/json", "{}").stalling_after(0));
    let mut first = process(&fake, directory.path());
    let before = fake.at("/mcp").len();
    while fake.at("/mcp").len() == before {
        tokio::task::yield_now().await;
    }
    let kept = store.load(&fake.mcp()).await.expect("logins").remove(0).tokens.expect("tokens");
    assert_eq!((kept.access.as_str(), kept.refresh.as_deref()), ("access-2", Some("refresh-2")));
    first.kill().await.expect("it is killed");
    fake.script().recover("/mcp");
    succeeds(process(&fake, directory.path())).await;
    assert_eq!(refreshes(&fake), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn cl_21_a_lock_of_a_process_that_died_is_free() {
    let directory = tempfile::tempdir().expect("a directory");
    let (fake, _) = signed_in(directory.path()).await;
    // It dies while it renews: nobody has the answer, and the authorization server still takes the old token.
    fake.script().put("/token", Document::json(&json!({})).stalling_after(0));
    let mut first = process(&fake, directory.path());
    while refreshes(&fake) == 0 {
        tokio::task::yield_now().await;
    }
    let waiting = process(&fake, directory.path());
    fake.script().recover("/token");
    first.kill().await.expect("it is killed");
    succeeds(waiting).await;
}

#[tokio::test]
async fn cl_21_logins_are_kept_apart() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = FileStore::new(directory.path());
    let fakes = [Fake::start().await, Fake::start().await];
    for fake in &fakes {
        for oauth in [person(), person().client("mine", None), person()] {
            call(fake, &Arc::new(oauth.store(Arc::new(store.clone())).build())).await.expect("it signs in");
            fake.script().forget_access();
            fake.script().forget_refresh();
        }
        let ids: Vec<String> = store.load(&fake.mcp()).await.expect("logins").into_iter().map(|login| login.client.id).collect();
        assert_eq!(ids, ["client-1", "mine"], "by client, the latest first, each once");
    }
    let mut servers = fakes.each_ref().map(Fake::mcp);
    servers.sort();
    assert_eq!(store.servers().expect("servers"), servers);
    store.forget(&servers[0]).await.expect("it is forgotten");
    assert_eq!(store.servers().expect("servers"), servers[1..]);
}

#[cfg(unix)]
#[tokio::test]
async fn cl_21_files_are_for_their_owner_only_and_whole() {
    use std::os::unix::fs::PermissionsExt as _;

    let parent = tempfile::tempdir().expect("a directory");
    let directory = parent.path().join("logins");
    let (fake, store) = signed_in(&directory).await;
    let mode = |path: &Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for entry in std::fs::read_dir(&directory).expect("a directory") {
        assert_eq!(mode(&entry.expect("an entry").path()), 0o600);
    }
    // What a process that died while it wrote has left is in nobody's way.
    let file = std::fs::read_dir(&directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let file = file.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "json")).expect("a file");
    std::fs::write(file.with_extension("new"), "half of it").expect("it is written");
    call(&fake, &signed_in_with(&store)).await.expect("it is let in");
    assert!(!file.with_extension("new").exists());
    // A file that is no login is said to be none, and not overwritten.
    std::fs::write(&file, "half of it").expect("it is written");
    let why = call(&fake, &signed_in_with(&store)).await.expect_err("it cannot be read").to_string();
    assert!(why.contains("cannot be read"), "{why}");
    assert_eq!(std::fs::read(&file).expect("it is there"), b"half of it");
}

#[tokio::test]
async fn cl_21_secrets_are_not_shown() {
    let directory = tempfile::tempdir().expect("a directory");
    let fake = Fake::with(|script| script.registration = json!({"client_secret": "hidden-secret"})).await;
    let store = FileStore::new(directory.path());
    let oauth = signed_in_with(&store);
    call(&fake, &oauth).await.expect("it signs in");
    let logins = store.load(&fake.mcp()).await.expect("logins");
    let shown = format!("{logins:?} {oauth:?} {:?}", person());
    for secret in ["hidden-secret", "access-1", "refresh-1"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cl_21_many_that_nobody_has_signed_in_ask_the_person_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let (fake, store) = (Arc::new(Fake::start().await), FileStore::new(directory.path()));
    let calls: Vec<_> = (0..5).map(|_| (fake.clone(), signed_in_with(&store))).collect();
    let calls: Vec<_> = calls.into_iter().map(|(fake, oauth)| tokio::spawn(async move { call(&fake, &oauth).await })).collect();
    for call in calls {
        assert_eq!(call.await.expect("no panic").expect("it is let in"), "done");
    }
    assert_eq!((fake.at("/register").len(), fake.at("/authorize").len()), (1, 1));
}

#[tokio::test]
async fn signing_out_gives_the_tokens_back_and_forgets_them() {
    let directory = tempfile::tempdir().expect("a directory");
    let fake = Fake::with(|script| {
        script.metadata = json!({"revocation_endpoint": format!("{}/revoke", script.origin())});
        script.put("/revoke", Document::new("text/plain", ""));
    });
    let (fake, store) = (fake.await, FileStore::new(directory.path()));
    let oauth = signed_in_with(&store);
    call(&fake, &oauth).await.expect("it signs in");
    oauth.sign_out(&fake.mcp()).await.expect("it signs out");
    assert_eq!(fake.parameters("/revoke", "token"), [Some("refresh-1".to_owned())]);
    assert_eq!(fake.parameters("/revoke", "client_id"), [Some("client-1".to_owned())]);
    assert_eq!(store.servers().expect("servers"), [""; 0]);
    oauth.sign_out(&fake.mcp()).await.expect("there is nothing more to do");
    call(&fake, &oauth).await.expect("it signs in again");
    assert_eq!(fake.at("/authorize").len(), 2);
}

#[tokio::test]
async fn no_secret_is_logged() {
    let log = mcp_testkit::LogCapture::global();
    let fake = Fake::with(|script| {
        script.registration = json!({"client_secret": "hidden-secret", "token_endpoint_auth_method": "client_secret_basic"});
        script.callback = Some(format!("code=hidden-code&iss={}", script.origin()));
    });
    let (fake, oauth) = (fake.await, Arc::new(person().build()));
    call(&fake, &oauth).await.expect("it signs in");
    fake.script().forget_access();
    call(&fake, &oauth).await.expect("it is renewed");
    fake.script().forget_access();
    fake.script().forget_refresh();
    call(&fake, &oauth).await.expect("it signs in again");
    assert!(log.text().contains("the login cannot be renewed"), "what is done is logged");
    let mut secrets = ["hidden-secret", "hidden-code", "refresh-1", "Bearer access-"].map(str::to_owned).to_vec();
    secrets.extend(fake.parameters("/token", "code_verifier").into_iter().flatten());
    secrets.extend(fake.parameters("/authorize", "state").into_iter().flatten());
    for secret in secrets {
        assert!(!log.text().contains(&secret), "{secret}");
    }
}
