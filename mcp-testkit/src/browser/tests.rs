//! The browser against a small server.

use std::time::Duration;

use super::{BrowseError, Browser, EVIL};
use crate::VirtualClock;
use crate::loopback::{Asked, Document, Loopback};

/// A server that says what it was sent, unless it is asked for a page that is known.
async fn serve(page: impl Fn(&str, &Asked) -> Option<Document> + Send + Sync + 'static) -> Loopback {
    Loopback::start(|origin| {
        let origin = origin.to_owned();
        move |asked: &Asked| page(&origin, asked).unwrap_or_else(|| echo(asked))
    })
    .await
}

fn echo(asked: &Asked) -> Document {
    let shown = ["origin", "referer", "sec-fetch-site", "cookie", "content-type"];
    let headers = shown.iter().filter_map(|name| Some(format!("{name}={}", asked.header(name)?)));
    let headers: Vec<String> = headers.collect();
    let body = String::from_utf8_lossy(&asked.body);
    Document::new("text/plain", format!("{} {}?{} {} [{body}]", asked.method, asked.path, asked.query, headers.join(" ")))
}

async fn text(landing: Result<super::Landing, BrowseError>) -> String {
    landing.and_then(super::Landing::page).expect("a page").text()
}

#[tokio::test]
async fn forms_are_filled_in_and_sent_as_a_browser_sends_them() {
    const PAGE: &str = "<form id=f method=post action=/in><input name=user required><input type=hidden name=csrf value=t>\
        <label>Note <textarea name=note>\na\nb</textarea></label>\
        <input type=checkbox name=s value=read checked><label><input type=checkbox name=s value=write>Write</label>\
        <input type=radio name=how value=mail checked><input type=radio name=how value=key>\
        <select name=age><option value=1>A day<option value=7>A week</select><input name=off value=x disabled>\
        <button name=go value=no formaction=/out formnovalidate>Cancel</button><button name=go value=yes>Log in</button></form>\
        <input form=f name=far value=1>";
    let server = serve(|_, asked| (asked.path == "/").then(|| Document::html(PAGE))).await;
    let page = Browser::new().visit(&server.origin()).await.expect("a page").page().expect("a page");
    let form = page.form("f").expect("a form");
    let names: Vec<String> = form.fields().into_iter().map(|field| field.name).collect();
    assert_eq!(names, ["user", "csrf", "note", "s", "s", "how", "how", "age", "off", "far"]);
    assert_eq!(
        (form.method(), form.buttons(), form.value("note")),
        ("POST", vec!["Cancel".to_owned(), "Log in".to_owned()], Some("a\nb".to_owned()))
    );

    let error = form.clone().submit(Some("Log in")).await.expect_err("a required field is empty");
    assert_eq!(error.to_string(), "`user` must be filled in");
    let filled = form.clone().set("user", "a&b").and_then(|form| form.set("age", "A week")).and_then(|form| form.set("how", "key"));
    let filled = filled.and_then(|form| form.check("Write", true)).and_then(|form| form.check_value("s", "read", false)).expect("fields");
    let sent = text(filled.submit(Some("Log in")).await).await;
    assert!(sent.starts_with("POST /in?"), "{sent}");
    assert!(sent.ends_with("[user=a%26b&csrf=t&note=a%0D%0Ab&s=write&how=key&age=7&go=yes&far=1]"), "{sent}");
    // Enter presses the first button, which has a target of its own and does not ask for anything to be filled in.
    let sent = text(form.clone().submit(None).await).await;
    assert!(sent.starts_with("POST /out?") && sent.contains("go=no"), "{sent}");

    for (name, value, why) in [
        ("csrf", "x", "`csrf` is hidden and cannot be changed by a person"),
        ("off", "y", "`off` is text and cannot be changed by a person"),
        ("age", "9", "there is no option `9` of `age`; there are [\"A day\", \"A week\"]"),
    ] {
        assert_eq!(form.clone().set(name, value).expect_err("no person can").to_string(), why);
    }
    // On another task, as when many browsers are used at once.
    let landing = tokio::spawn(form.forge("csrf", "x").forge("extra", "1").submit(Some("yes"))).await.expect("it does not panic");
    let sent = text(landing).await;
    assert!(sent.contains("csrf=x") && sent.contains("extra=1"), "{sent}");
    let missing = page.form("g").expect_err("no such form").to_string();
    assert_eq!(
        missing,
        "there is no form `g`; there are [\"f with user, csrf, note, s, s, how, how, age, off, far and the buttons Cancel, Log in\"]"
    );
}

#[tokio::test]
async fn redirects_are_followed_until_they_leave_the_server() {
    let server = serve(|origin, asked| {
        let status = asked.path.strip_prefix("/to/")?.parse().ok()?;
        let target = asked.parameter("target").unwrap_or_else(|| format!("{origin}/end"));
        Some(Document::redirect(status, &target))
    })
    .await;
    let (browser, origin) = (Browser::new(), server.origin());
    browser.stop_at("http://localhost:51234/callback");
    for (status, sent) in [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")] {
        let landed = text(browser.cross_site(&format!("{origin}/to/{status}"), &[("a", "1")]).await).await;
        assert!(landed.starts_with(&format!("{sent} /end?")) && landed.ends_with("[a=1]") == (sent == "POST"), "{status}: {landed}");
    }
    for target in
        ["http://localhost:51234/callback?code=1", "https://claude.ai/x?code=1", "cursor://y?code=1", "http://example.com/?code=1"]
    {
        let landing = browser.visit(&format!("{origin}/to/302?target={target}")).await.expect("a landing");
        assert_eq!((landing.parameter("code").as_deref(), landing.external().expect("it left").as_str()), (Some("1"), target));
    }
    assert!(text(browser.visit(&format!("{origin}/to/302?target=/to/302")).await).await.starts_with("GET /end?"));
    let server = serve(|_, _| Some(Document::redirect(302, "/again"))).await;
    let error = Browser::new().visit(&server.origin()).await.expect_err("it does not end");
    assert!(matches!(error, BrowseError::TooManyRedirects(10, _)), "{error}");
    assert_eq!(server.asked().len(), 11);
}

#[tokio::test]
async fn a_form_is_blocked_where_its_redirects_may_not_lead() {
    let server = serve(|_, asked| {
        let policy = asked.parameter("policy").unwrap_or_default();
        let form = "<form method=post action=/approve><button>Approve</button></form><a href=/approve>Go</a>";
        match asked.path.as_str() {
            "/" => Some(Document::html(form).header("Content-Security-Policy", policy)),
            "/meta" => Some(Document::html(&format!("<meta http-equiv=Content-Security-Policy content=\"{policy}\">{form}"))),
            "/approve" => Some(Document::redirect(303, "/done")),
            "/done" => Some(Document::redirect(302, "http://localhost:51234/callback?code=1")),
            _ => None,
        }
    })
    .await;
    let browser = Browser::new();
    browser.stop_at("http://localhost:51234/");
    for (path, policy, blocked) in [
        ("/", "default-src 'none'", None),
        ("/", "form-action 'self'; frame-ancestors 'none'", Some("http://localhost:51234/callback?code=1")),
        ("/meta", "form-action 'self'; frame-ancestors 'none'", Some("http://localhost:51234/callback?code=1")),
        ("/", "form-action 'none'", Some("/approve")),
        ("/", "form-action 'self' http://localhost:*", None),
    ] {
        let page = browser.visit(&format!("{}{path}?policy={policy}", server.origin())).await.expect("it is there").page().expect("a page");
        let expected = (path == "/" && policy.contains("frame")).then(|| vec!["'none'".to_owned()]);
        assert_eq!(page.frame_ancestors(), expected, "{policy}");
        let landing = page.form("Approve").expect("a form").submit(None).await;
        match (landing, blocked) {
            (Ok(landing), None) => assert_eq!(landing.parameter("code").as_deref(), Some("1"), "{policy}"),
            (Err(BrowseError::Blocked { target, .. }), Some(expected)) => {
                assert!(target.as_str().ends_with(expected), "{policy}: {target}");
            }
            (landing, _) => panic!("{policy}: {landing:?}"),
        }
        // Links are not forms.
        assert!(page.click("Go").await.expect("it leads somewhere").external().is_ok(), "{policy}");
    }
}

#[tokio::test]
async fn pages_say_where_requests_come_from() {
    let server = serve(|origin, asked| {
        let form = format!(
            "<form method=post action=/x?y><button>Go</button></form><a href=/z>Here</a><a href={origin}/z rel=noreferrer>Quiet</a>"
        );
        let page = Document::html(&form);
        match asked.path.as_str() {
            "/" => Some(page),
            "/quiet" => Some(page.header("Referrer-Policy", "no-referrer")),
            _ => None,
        }
    })
    .await;
    let (browser, origin) = (Browser::new(), server.origin());
    let visit = async |path: &str| browser.visit(&format!("{origin}{path}")).await.expect("it is there").page().expect("a page");
    let page = visit("/").await;
    let sent = text(page.form("0").expect("a form").submit(None).await).await;
    let form = "content-type=application/x-www-form-urlencoded []";
    assert_eq!(sent, format!("POST /x?y origin={origin} referer={origin}/ sec-fetch-site=same-origin {form}"));
    assert_eq!(text(page.click("Here").await).await, format!("GET /z? referer={origin}/ sec-fetch-site=same-origin []"));
    assert_eq!(text(page.click("Quiet").await).await, "GET /z? sec-fetch-site=same-origin []");
    let sent = text(visit("/quiet").await.form("Go").expect("a form").submit(None).await).await;
    assert_eq!(sent, format!("POST /x?y origin=null sec-fetch-site=same-origin {form}"));
    assert_eq!(text(browser.visit(&format!("{origin}/z")).await).await, "GET /z? sec-fetch-site=none []");
    let sent = text(browser.cross_site(&format!("{origin}/x"), &[]).await).await;
    assert_eq!(sent, format!("POST /x? origin=https://evil.example referer={EVIL} sec-fetch-site=cross-site {form}"));
    let sent = text(browser.visit_from("http://127.0.0.1:1/", &format!("{origin}/x")).await).await;
    assert_eq!(sent, "GET /x? referer=http://127.0.0.1:1/ sec-fetch-site=same-site []");
}

#[tokio::test]
async fn a_form_that_a_third_origin_passes_on_comes_from_nowhere() {
    let pass_on = |_: &str, asked: &Asked| match asked.path.as_str() {
        "/" => Some(Document::html(&format!("<form method=post action={}><button>Go</button></form>", asked.parameter("to")?))),
        "/on" => Some(Document::redirect(307, &asked.parameter("to")?)),
        _ => None,
    };
    let servers = (serve(pass_on).await, serve(pass_on).await);
    let (one, other) = (servers.0.origin(), servers.1.origin());
    for (path, origin) in [(format!("/on?to={other}/x"), &*one), (format!("{other}/on?to={one}/x"), "null")] {
        let page = Browser::new().visit(&format!("{one}/?to={path}")).await.expect("it is there").page().expect("a page");
        let sent = text(page.form("Go").expect("a form").submit(None).await).await;
        assert!(sent.starts_with(&format!("POST /x? origin={origin} ")) && sent.contains("sec-fetch-site=same-site"), "{path}: {sent}");
    }
}

#[tokio::test]
async fn cookies_are_kept_back_from_other_sites_and_grow_old() {
    let server = serve(|_, asked| {
        let set = |document: Document, line: &str| document.header("Set-Cookie", line);
        (asked.path == "/set").then(|| {
            let document =
                set(set(Document::redirect(303, "/end"), "__Host-s=1; Path=/; Secure; HttpOnly; SameSite=Lax"), "t=2; SameSite=Strict");
            set(set(document, "__Host-bad=3; Path=/"), "u=4; SameSite=None; Secure; Max-Age=60")
        })
    })
    .await;
    let (clock, origin) = (VirtualClock::new(), server.origin());
    let browser = Browser::with_clock(clock.clock());
    let landed = text(browser.visit(&format!("{origin}/set")).await).await;
    assert!(landed.contains("cookie=__Host-s=1; t=2; u=4"), "{landed}");
    assert_eq!(browser.refused_cookies(), ["__Host-bad=3; Path=/: it is named __Host- without Secure and Path=/, or with Domain"]);
    assert!(browser.cookie("__Host-s").is_some_and(|cookie| cookie.http_only && cookie.secure));
    let landed = text(browser.visit_from(EVIL, &format!("{origin}/end")).await).await;
    assert!(landed.contains("cookie=__Host-s=1; u=4"), "{landed}");
    let landed = text(browser.cross_site(&format!("{origin}/end"), &[]).await).await;
    assert!(landed.contains("cookie=u=4 "), "{landed}");
    clock.advance(Duration::from_secs(60));
    assert_eq!(browser.cookies().into_iter().map(|cookie| cookie.name).collect::<Vec<_>>(), ["__Host-s", "t"]);
    assert_eq!(browser.history()[0].status, 303);
    let other = origin.replace("127.0.0.1", "localhost");
    assert!(!text(browser.visit(&other).await).await.contains("cookie"));
}

#[tokio::test]
async fn an_origin_with_https_can_stand_for_a_server_on_loopback() {
    let server = serve(|_, asked| {
        (asked.path == "/").then(|| {
            Document::html(&format!(
                "<title>{}</title><meta http-equiv=refresh content=\"0; url='/next'\">",
                asked.header("host").unwrap_or_default()
            ))
        })
    })
    .await;
    let browser = Browser::new();
    browser
        .route("https://auth.example.com", server.origin().trim_start_matches("http://").parse().expect("an address"))
        .expect("an origin");
    let page = browser.visit("https://auth.example.com/").await.expect("it is there").page().expect("a page");
    assert_eq!((page.title().as_str(), page.url().as_str()), ("auth.example.com", "https://auth.example.com/"));
    assert_eq!(text(page.follow_refresh().await).await, "GET /next? referer=https://auth.example.com/ sec-fetch-site=same-origin []");
}
