//! Every trick that has been played with redirect URIs, and those of the clients that people use.

use super::*;

#[track_caller]
fn check_all(allowed: bool, public: bool, uris: &[&str]) {
    for uri in uris {
        let verdict = check(uri, public);
        assert_eq!(verdict.is_ok(), allowed, "{uri:?}: {verdict:?}");
    }
}

#[test]
fn the_redirect_uris_of_known_clients_are_allowed() {
    check_all(
        true,
        true,
        &[
            "https://claude.ai/api/mcp/auth_callback",
            "https://chatgpt.com/connector_platform_oauth_redirect",
            "https://chatgpt.com/connector/oauth/aB3_-x",
            "https://www.cursor.com/agents/mcp/oauth/callback",
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "vscode://vscode.github-authentication/did-authenticate",
            "vscode-insiders://vscode.github-authentication/did-authenticate",
            "com.raycast:/oauth?package_name=Extension",
            "com.example.app:/oauth2redirect/example-provider",
            "http://localhost/callback",
            "http://localhost:6274/oauth/callback/debug",
            "http://127.0.0.1:33418/",
            "http://127.0.0.1:33418",
            "http://127.8.9.1:1/x",
            "http://[::1]:8080/callback",
            "http://[::1]/callback",
            "https://vscode.dev/redirect",
            "https://antigravity.google/oauth-callback",
            "https://app.example:8443/cb?tenant=a%20b&x='",
            "https://xn--80ak6aa92e.com/cb",
            "https://192.0.2.1/cb",
            "https://[2001:db8::1]/cb",
            "https://app.example",
        ],
    );
}

#[test]
fn uris_that_run_show_or_fetch_something_are_refused() {
    let mut tricks = Vec::new();
    for scheme in ["javascript", "data", "file", "vbscript", "blob", "about", "view-source", "filesystem", "intent", "mailto", "ws", "wss"]
    {
        for rest in ["alert(1)", "//alert(1)", "//host/%0aalert(1)", "/x", "///etc/passwd", "https://a.example/x"] {
            tricks.push(format!("{scheme}:{rest}"));
            tricks.push(format!("{}:{rest}", scheme.to_uppercase()));
            tricks.push(format!("{}{}:{rest}", scheme[..1].to_uppercase(), &scheme[1..]));
            for filler in [" ", "\t", "\n", "\r", "\0", "\x01", "\x1f", "\x7f", "\u{a0}", "\u{200b}", "\u{feff}"] {
                tricks.push(format!("{filler}{scheme}:{rest}"));
                tricks.push(format!("{}{filler}{}:{rest}", &scheme[..2], &scheme[2..]));
                tricks.push(format!("{scheme}{filler}:{rest}"));
            }
        }
    }
    assert!(tricks.len() > 2_000);
    check_all(false, true, &tricks.iter().map(String::as_str).collect::<Vec<_>>());
    check_all(
        false,
        true,
        &["ms-settings://x/y", "ms-msdt:/id", "search-ms://x/y", "chrome://settings/x", "moz-extension://a/b", "smb://host/share"],
    );
}

#[test]
fn uris_that_are_not_what_they_seem_are_refused() {
    check_all(
        false,
        true,
        &[
            "",
            "callback",
            "/callback",
            "//evil.example/x",
            "https:",
            "https:/evil.example/x",
            "https:evil.example/x",
            "https:///evil.example/x",
            "https://",
            "https://?x",
            "HTTPS://claude.ai/cb",
            "https://claude.ai@evil.example/x",
            "https://claude.ai:x@evil.example/",
            "https://@evil.example/",
            "https://:@evil.example/",
            "https://evil.example\\@claude.ai/",
            "https://claude.ai\\.evil.example/",
            "https://claude.ai/cb#x",
            "https://claude.ai/cb#",
            "https://claude.ai/cb x",
            "https://claude.ai/cb\n",
            "https://claude.ai/c\tb",
            "https://cla\nude.ai/cb",
            "https://claude.ai/api/mcp/auth_callback/../x",
            "https://claude.ai/api/%2e%2e/x",
            "https://claude.ai/api/.%2E/x",
            "https://claude.ai/./x",
            "https://cl%61ude.ai/x",
            "https://claude.ai./x",
            "https://claude..ai/x",
            "https://.claude.ai/x",
            "https://*.claude.ai/x",
            "https://*/x",
            "https://clаude.ai/x",
            "https://claude。ai/x",
            "https://ⓒlaude.ai/x",
            "https://claude.ai:/x",
            "https://claude.ai:99999/x",
            "https://claude.ai:0443/x",
            "https://claude.ai:+443/x",
            "https://claude.ai:443:443/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
            "https://0300.0.2.1/x",
            "https://[2001:DB8::0:1]/x",
            "https://[::1%25eth0]/x",
            "http://evil.example/cb",
            "http://localhost.evil.example/cb",
            "http://localhost./cb",
            "http://localhost@evil.example/cb",
            "http://app.localhost/cb",
            "http://127.0.0.1.nip.io/cb",
            "http://127.0.0.1@evil.example/cb",
            "http://127.1/cb",
            "http://2130706433/cb",
            "http://0x7f000001/cb",
            "http://0177.0.0.1/cb",
            "http://127.0.0.1./cb",
            "http://0.0.0.0/cb",
            "http://[::]/cb",
            "http://[::ffff:127.0.0.1]/cb",
            "http://[::ffff:7f00:1]/cb",
            "http://[0:0:0:0:0:0:0:1]/cb",
            "http://①27.0.0.1/cb",
            "http://localhost:*/cb",
            "http://localhost:/cb",
            "http://10.0.0.1/cb",
            "http://192.168.1.1/cb",
            "cursor:callback",
            "cursor:/callback",
            "cursor:///callback",
            "cursor://user@host/callback",
            "com.example.app:callback",
            "x://host/path",
            "1x://host/path",
            "urn:ietf:wg:oauth:2.0:oob",
        ],
    );
    check_all(false, true, &[&format!("https://claude.ai/{}", "x".repeat(MAX_BYTES))]);
    check_all(true, true, &[&format!("https://claude.ai/{}", "x".repeat(MAX_BYTES - 18))]);
    check_all(false, false, &["cursor://anysphere.cursor-mcp/oauth/callback", "com.example.app:/x"]);
    check_all(true, false, &["https://app.example/cb", "http://localhost/cb"]);
}

#[test]
fn a_requested_uri_is_a_registered_one_but_for_the_port_on_this_computer() {
    for (registered, requested, allowed) in [
        ("https://claude.ai/cb", "https://claude.ai/cb", true),
        ("https://claude.ai/cb", "https://claude.ai/cb/", false),
        ("https://claude.ai/cb", "https://claude.ai/cb/../x", false),
        ("https://claude.ai/cb", "https://claude.ai/CB", false),
        ("https://claude.ai/cb", "https://claude.ai/%63b", false),
        ("https://claude.ai/cb", "https://claude.ai/cb?x=1", false),
        ("https://claude.ai/cb", "https://claude.ai/cb#", false),
        ("https://claude.ai/cb", "https://claude.ai:443/cb", false),
        ("https://claude.ai/cb", "https://claude.ai:8443/cb", false),
        ("https://claude.ai/cb", "https://claude.ai.evil.example/cb", false),
        ("https://claude.ai/cb", "https://claude.ai@evil.example/cb", false),
        ("https://claude.ai/cb", "http://claude.ai/cb", false),
        ("https://claude.ai/cb", "//claude.ai/cb", false),
        ("https://claude.ai/cb", " https://claude.ai/cb", false),
        ("https://localhost/cb", "https://localhost:1234/cb", false),
        ("http://localhost/callback", "http://localhost/callback", true),
        ("http://localhost/callback", "http://localhost:55611/callback", true),
        ("http://localhost:3334/oauth/callback", "http://localhost:41234/oauth/callback", true),
        ("http://localhost:3334/oauth/callback", "http://localhost/oauth/callback", true),
        ("http://localhost/callback", "http://127.0.0.1:55611/callback", false),
        ("http://127.0.0.1/callback", "http://localhost:55611/callback", false),
        ("http://127.0.0.1/callback", "http://127.0.0.2/callback", false),
        ("http://127.0.0.1:33418/", "http://127.0.0.1:50000/", true),
        ("http://127.0.0.1:33418/", "http://127.0.0.1:50000", false),
        ("http://127.0.0.1:33418", "http://127.0.0.1:50000", true),
        ("http://[::1]/callback", "http://[::1]:9/callback", true),
        ("http://[::1]/callback", "http://[0::1]:9/callback", false),
        ("http://localhost/callback?a=1", "http://localhost:9/callback?a=1", true),
        ("http://localhost/callback?a=1", "http://localhost:9/callback?a=2", false),
        ("http://localhost/callback", "http://localhost:9/callback?a=1", false),
        ("http://localhost/callback", "http://localhost:9/callback/", false),
        ("http://localhost/callback", "http://localhost:9@evil.example/callback", false),
        ("http://localhost/callback", "http://localhost:9\\@evil.example/callback", false),
        ("http://localhost/callback", "http://localhost.evil.example/callback", false),
        ("http://localhost/callback", "http://localhost:99999/callback", false),
        ("http://localhost/callback", "http://localhost:/callback", false),
        ("http://localhost/callback", "http://LOCALHOST:9/callback", false),
        ("http://localhost/callback", "https://localhost:9/callback", false),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "cursor://anysphere.cursor-mcp/oauth/callback", true),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "cursor://anysphere.cursor-mcp:1/oauth/callback", false),
        ("javascript:alert(1)", "javascript:alert(1)", false),
    ] {
        assert_eq!(allows(&[registered.to_owned()], requested), allowed, "{registered} {requested}");
    }
    assert!(!allows(&[], "https://claude.ai/cb"));
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("a small number")
    }
}

#[test]
fn whatever_is_put_into_a_uri_it_leads_where_it_says() {
    const REGISTERED: [&str; 5] = [
        "https://claude.ai/api/mcp/auth_callback",
        "http://localhost:3334/oauth/callback",
        "http://127.0.0.1/",
        "http://[::1]/callback?a=b",
        "cursor://anysphere.cursor-mcp/oauth/callback",
    ];
    const TRICKS: [&str; 32] = [
        "@",
        ":",
        "/",
        "//",
        "\\",
        "?",
        "#",
        ".",
        "..",
        "%2e",
        "%2f",
        "%5c",
        "%00",
        "%0a",
        "\t",
        "\n",
        " ",
        "\0",
        "\u{200b}",
        "。",
        "ａ",
        "evil.example",
        "@evil.example",
        ".evil.example",
        ":80",
        ":1",
        "7",
        "[",
        "]",
        "127.1",
        "localhost",
        "javascript:",
    ];
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut valid, mut led) = (0, 0);
    for _ in 0..50_000 {
        let registered = REGISTERED[numbers.below(REGISTERED.len())];
        let mut uri = registered.to_owned();
        for _ in 0..=numbers.below(2) {
            let cut = uri.char_indices().map(|(at, _)| at).nth(numbers.below(uri.chars().count())).unwrap_or_default();
            let gone = if numbers.below(3) == 0 { uri[cut..].chars().next().map_or(0, char::len_utf8) } else { 0 };
            uri.replace_range(cut..cut + gone, TRICKS[numbers.below(TRICKS.len())]);
        }
        if check(&uri, true).is_ok() {
            valid += 1;
            let url = Url::parse(&uri).expect("a URL");
            let host = url.host_str().unwrap_or_default();
            let web = matches!(url.scheme(), "http" | "https");
            let after = uri.strip_prefix(&format!("{}://{host}", url.scheme()));
            assert!(!web || after.is_some_and(|after| after.is_empty() || after.starts_with([':', '/', '?'])), "{uri:?}");
            let here = matches!(host, "localhost" | "[::1]") || url.domain().is_none() && host.starts_with("127.");
            assert!(url.scheme() != "http" || here, "{uri:?}");
            assert!(url.scheme() != "javascript", "{uri:?}");
        }
        if allows(&[registered.to_owned()], &uri) {
            led += usize::from(uri != registered);
            let portless = |uri: &str| {
                let mut url = Url::parse(uri).expect("a URL");
                if url.scheme() == "http" {
                    url.set_port(None).expect("a host has a port");
                }
                url.to_string()
            };
            assert_eq!(portless(registered), portless(&uri), "{uri:?}");
        }
    }
    assert!(valid > 1_000 && led > 20, "{valid} {led}");
}

#[test]
fn people_are_shown_the_host_that_their_browser_asks() {
    for (uri, host, here) in [
        ("https://claude.ai/api/mcp/auth_callback", "claude.ai", false),
        ("https://app.example:8443/cb", "app.example:8443", false),
        ("https://xn--80ak6aa92e.com/cb", "xn--80ak6aa92e.com", false),
        ("https://localhost:3000/cb", "localhost:3000", true),
        ("http://localhost:1234/cb", "localhost", true),
        ("http://[::1]:1234/cb", "[::1]", true),
        ("cursor://anysphere.cursor-mcp/oauth/callback", "cursor", true),
        ("com.example.app:/x", "com.example.app", true),
    ] {
        assert_eq!(host_for_display(uri), (host.to_owned(), here), "{uri}");
    }
}
