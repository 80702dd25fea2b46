//! A browser for programs that print an authorization URL: it opens the URL, signs in as a developer, allows, and goes where it is led.
//!
//! `virtual-browser URL`

use std::process::ExitCode;

use mcp_testkit::browser::{Browser, Landing};
use mcp_tests::authorized::{Person, decide};

#[tokio::main]
async fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1).filter(|word| word.starts_with("http://")) else {
        eprintln!("usage: virtual-browser URL, where URL is the authorization page of a server on this machine");
        return ExitCode::FAILURE;
    };
    let ann = Person::with(Browser::new(), "ann");
    let asked = ann.browser.visit(&url).await.expect("the page opens");
    let page = ann.sign_in(asked).await.page().expect("a page that asks");
    match decide(&page, true).await {
        Landing::Page(page) if page.status() < 400 => ExitCode::SUCCESS,
        landing => {
            eprintln!("allowing led to {landing:?}");
            ExitCode::FAILURE
        }
    }
}
