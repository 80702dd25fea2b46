//! Somebody who opens pages that programs print.

use mcp_testkit::browser::Landing;
use mcp_tests::authorized::{Authorized, Person, decide};

/// Signs in as ann where a page leads, and allows or denies what is asked there.
pub(crate) async fn ann(site: &Authorized, page: &str, allows: bool) {
    let ann = Person::new(site, "ann");
    let landing = ann.browser.visit(page).await.expect("the page opens");
    let landing = match ann.sign_in(landing).await {
        Landing::Page(page) if page.title().starts_with("Allow") => decide(&page, allows).await,
        landing => landing,
    };
    let page = landing.page().expect("the program answers");
    assert!(page.text().contains("You can close this tab"), "{}", page.text());
}

/// The scopes that a page asks for, sorted.
pub(crate) fn scopes(page: &str) -> Vec<String> {
    let url = url::Url::parse(page).expect("it is a URL");
    let scope = url.query_pairs().find(|(name, _)| name == "scope").map(|(_, scope)| scope.into_owned()).unwrap_or_default();
    let mut scopes: Vec<String> = scope.split(' ').map(str::to_owned).collect();
    scopes.sort();
    scopes
}
