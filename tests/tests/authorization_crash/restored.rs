//! Going back to an older copy of the file.

use std::path::{Path, PathBuf};

use mcp_store::Sqlite;

use crate::server::Killable;
use crate::visitor::{Given, Visitor};

/// Copies the file while it is being served.
async fn backed_up(file: &Path, name: &str) -> PathBuf {
    let copy = file.with_file_name(name);
    Sqlite::open(file).expect("the store opens").backup_to(&copy).await.expect("it is copied");
    copy
}

async fn renewed(visitor: &Visitor, server: &Killable, given: &Given) -> Given {
    visitor.renew(server, &given.refresh).await.expect("it lives").unwrap_or_else(|error| panic!("logged out: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_before_logs_nobody_out() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let file = directory.path().join("store.db");
    let mut server = Killable::start(&file).await;
    let visitor = Visitor::new(&server).await;
    let code = visitor.code(&server).await;
    let first = visitor.exchange(&server, &code).await.expect("it lives").expect("tokens");
    let copy = backed_up(&file, "copy.db").await;
    // Ahead of the copy by some generations.
    let mut ahead = first.clone();
    for _ in 0..5 {
        ahead = renewed(&visitor, &server, &ahead).await;
    }
    server.restart(&copy);
    let next = renewed(&visitor, &server, &ahead).await;
    assert!(visitor.is_let_in(&server, &next.access).await);
    // From there on it is as ever: what is old is old.
    let later = renewed(&visitor, &server, &next).await;
    assert!(visitor.renew(&server, &first.refresh).await.expect("it lives").is_err(), "an old generation is refused");
    assert!(visitor.renew(&server, &later.refresh).await.expect("it lives").is_err(), "and who brings one ends the family");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_before_honours_no_code_that_it_knows_to_be_spent() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let file = directory.path().join("store.db");
    let mut server = Killable::start(&file).await;
    let visitor = Visitor::new(&server).await;
    let spent = visitor.code(&server).await;
    let kept = visitor.exchange(&server, &spent).await.expect("it lives").expect("tokens");
    let waiting = visitor.code(&server).await;
    let copy = backed_up(&file, "copy.db").await;
    let lost = visitor.exchange(&server, &waiting).await.expect("it lives").expect("tokens");
    let unknown = visitor.code(&server).await;
    server.restart(&copy);
    // The copy does not know of these grants, nor of the later code.
    assert!(!visitor.is_let_in(&server, &lost.access).await);
    assert!(visitor.exchange(&server, &unknown).await.expect("it lives").is_err());
    // What the copy says is waiting is good, and good once.
    let again = visitor.exchange(&server, &waiting).await.expect("it lives").expect("the copy says that it waits");
    assert!(visitor.is_let_in(&server, &again.access).await);
    assert!(visitor.exchange(&server, &waiting).await.expect("it lives").is_err());
    assert!(!visitor.is_let_in(&server, &again.access).await);
    // What it says is spent is spent.
    assert!(visitor.is_let_in(&server, &kept.access).await);
    assert!(visitor.exchange(&server, &spent).await.expect("it lives").is_err());
    assert!(visitor.renew(&server, &kept.refresh).await.expect("it lives").is_err(), "who brings it again ends what came of it");
}
