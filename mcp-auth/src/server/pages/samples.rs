//! One of each page, in good and in bad company.

use super::*;

/// What clients and tools would like to be taken for markup, code or something else than they are.
pub(super) const HOSTILE: &str = "\"><script>alert('x')</script><img src=//evil.example/x style=\"a\" onerror=a()>&amp;\u{202e}{{ 7 * 7 }}";

/// Every page with its name.
pub(super) fn all() -> Vec<(&'static str, View)> {
    let mut all = ordinary();
    all.extend(hostile());
    all
}

fn ordinary() -> Vec<(&'static str, View)> {
    let client = || Some(claude());
    let method = |view, client| View::Method { client, view, form: form("/login/mail"), back: "/login".to_owned() };
    vec![
        ("login", View::Login { client: client(), methods: methods(), problem: None }),
        ("login_one", View::Login { client: None, methods: methods()[..1].to_vec(), problem: text("That took too long. Sign in again.") }),
        (
            "not_admitted",
            View::NotAdmitted {
                user: "eve@elsewhere.example".to_owned(),
                client: claude(),
                deny: form("/consent"),
                switch_user: form("/switch"),
            },
        ),
        ("login_none", View::Login { client: None, methods: Vec::new(), problem: None }),
        ("ask_email", method(LoginView::AskEmail { problem: None }, client())),
        ("ask_email_problem", method(LoginView::AskEmail { problem: text("That is no email address.") }, None)),
        ("mail_sent", method(LoginView::MailSent { email: "ada@example.com".to_owned(), problem: None }, client())),
        (
            "mail_sent_problem",
            method(
                LoginView::MailSent { email: "ada@example.com".to_owned(), problem: text("That is not the code. 4 tries are left.") },
                client(),
            ),
        ),
        ("choose_developer", method(LoginView::ChooseDeveloper { people: people() }, Some(on_this_computer()))),
        ("confirm_link", View::ConfirmLink { form: form("/login/mail/link"), client_name: "Claude".to_owned() }),
        ("show_code", View::ShowCode { code: "493027".to_owned(), client_name: "Claude".to_owned() }),
        (
            "second_factor",
            View::SecondFactor { client: client(), form: form("/second-factor"), why: vec![admin()], problem: None, skippable: true },
        ),
        (
            "second_factor_problem",
            View::SecondFactor {
                client: None,
                form: form("/second-factor"),
                why: Vec::new(),
                problem: text("That is not the code of right now."),
                skippable: false,
            },
        ),
        ("enrol", enrol(text("That is not the code of right now."))),
        (
            "recovery_codes",
            View::RecoveryCodes { codes: (0..8).map(|n| format!("k7wq{n}-m2xv{n}")).collect(), form: form("/second-factor/saved") },
        ),
        ("consent", View::Consent(Box::new(consent(claude(), &["code-search"])))),
        (
            "consent_on_this_computer",
            View::Consent(Box::new(consent(on_this_computer(), &["code-search", "https://wiki.example.com/mcp"]))),
        ),
        ("consent_unverified", View::Consent(Box::new(consent(ClientLine { unverified: true, ..claude() }, &["code-search"])))),
        (
            "leave",
            View::Leave { client_name: "Cursor".to_owned(), to: "cursor://anysphere.cursor-mcp/oauth/callback?code=a&state=b".to_owned() },
        ),
        ("leave_nowhere", View::Leave { client_name: "Cursor".to_owned(), to: "javascript:alert(1)".to_owned() }),
        (
            "agents",
            View::Agents {
                user: "ada@example.com".to_owned(),
                agents: agents(),
                form: form("/agents"),
                logout: form("/logout"),
                notice: text("Zed is disconnected."),
            },
        ),
        (
            "agents_none",
            View::Agents {
                user: "ada@example.com".to_owned(),
                agents: Vec::new(),
                form: form("/agents"),
                logout: form("/logout"),
                notice: None,
            },
        ),
        (
            "error",
            View::Error {
                title: "This sign-in cannot go on".to_owned(),
                message: "The app asked to be answered at an address that it did not register. Nothing was sent to it.".to_owned(),
                detail: text("redirect_uri https://claude.ai.evil.example/cb is not registered for client 4f1c"),
            },
        ),
        (
            "done",
            View::Done {
                title: "You are signed out".to_owned(),
                message: "Connected apps stay connected. You can close this page.".to_owned(),
            },
        ),
    ]
}

fn hostile() -> Vec<(&'static str, View)> {
    let bad = || HOSTILE.to_owned();
    let client = || Some(impostor());
    let target = || FormTarget { action: bad(), csrf: bad() };
    let method = |view| View::Method { client: client(), view, form: target(), back: bad() };
    let consent = Consent {
        client: impostor(),
        user: bad(),
        resources: vec![bad(), "A".repeat(300)],
        scopes: vec![hostile_scope()],
        expiries: vec![(bad(), bad(), true)],
        form: target(),
        switch_user: target(),
    };
    let agent = Agent {
        grant: bad(),
        client: impostor(),
        scopes: vec![bad()],
        since: bad(),
        last_used: Some(bad()),
        last_tool: Some(bad()),
        calls: u64::MAX,
        expires: bad(),
    };
    vec![
        (
            "hostile_login",
            View::Login {
                client: client(),
                methods: vec![MethodForm { form: FormTarget { action: bad(), csrf: bad() }, label: bad() }],
                problem: Some(bad()),
            },
        ),
        ("hostile_ask_email", method(LoginView::AskEmail { problem: Some(bad()) })),
        ("hostile_mail_sent", method(LoginView::MailSent { email: bad(), problem: Some(bad()) })),
        ("hostile_choose_developer", method(LoginView::ChooseDeveloper { people: vec![(bad(), bad())] })),
        ("hostile_confirm_link", View::ConfirmLink { form: target(), client_name: bad() }),
        ("hostile_show_code", View::ShowCode { code: bad(), client_name: bad() }),
        (
            "hostile_second_factor",
            View::SecondFactor { client: client(), form: target(), why: vec![hostile_scope()], problem: Some(bad()), skippable: true },
        ),
        ("hostile_enrol", View::Enrol { form: target(), qr_svg: bad(), secret: bad(), uri: bad(), problem: Some(bad()), client: client() }),
        ("hostile_recovery_codes", View::RecoveryCodes { codes: vec![bad()], form: target() }),
        ("hostile_consent", View::Consent(Box::new(consent))),
        ("hostile_leave", View::Leave { client_name: bad(), to: format!("evil:\"><script>'{}", "A".repeat(200)) }),
        ("hostile_agents", View::Agents { user: bad(), agents: vec![agent], form: target(), logout: target(), notice: Some(bad()) }),
        ("hostile_error", View::Error { title: bad(), message: bad(), detail: Some(bad()) }),
        ("hostile_done", View::Done { title: bad(), message: bad() }),
    ]
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn form(action: &str) -> FormTarget {
    FormTarget { action: action.to_owned(), csrf: "csrf-of-this-browser".to_owned() }
}

fn claude() -> ClientLine {
    ClientLine { name: "Claude".to_owned(), host: "claude.ai".to_owned(), unverified: false, on_this_computer: false }
}

fn on_this_computer() -> ClientLine {
    ClientLine { name: "MCP Inspector".to_owned(), host: "a program on this computer".to_owned(), unverified: true, on_this_computer: true }
}

fn impostor() -> ClientLine {
    ClientLine { name: HOSTILE.to_owned(), host: format!("{}.evil.example", "a".repeat(200)), unverified: true, on_this_computer: true }
}

fn methods() -> Vec<MethodForm> {
    [("/login/mail", "Continue with email"), ("/login/github", "Continue with GitHub"), ("/login/company", "Continue with Example GmbH")]
        .map(|(href, label)| MethodForm { form: form(href), label: label.to_owned() })
        .to_vec()
}

fn people() -> Vec<(String, String)> {
    [("ada", "admin, every scope"), ("grace", "developer"), ("guest", "")].map(|(name, about)| (name.to_owned(), about.to_owned())).to_vec()
}

fn enrol(problem: Option<String>) -> View {
    let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    let uri = format!("otpauth://totp/code-search:ada%40example.com?secret={secret}&issuer=code-search");
    let code = qrcode::QrCode::new(&uri).unwrap();
    let qr_svg = code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(200, 200).build();
    View::Enrol { form: form("/second-factor/enrol"), qr_svg, secret: secret.to_owned(), uri, problem, client: Some(claude()) }
}

fn tool(name: &str, title: &str, about: &str, (read_only, destructive): (bool, bool), also: &[&str]) -> ToolLine {
    let also = also.iter().map(|&also| also.to_owned()).collect();
    ToolLine { name: name.to_owned(), title: title.to_owned(), about: about.to_owned(), read_only, destructive, also }
}

fn admin() -> ScopeLine {
    let tools = vec![
        tool("drop_index", "Delete an index", "Deletes the index of a repository for good.", (false, true), &["code:write"]),
        tool("reindex", "", "", (false, false), &[]),
    ];
    ScopeLine { name: "admin".to_owned(), tools, elevated: true }
}

fn hostile_scope() -> ScopeLine {
    ScopeLine { name: HOSTILE.to_owned(), tools: vec![tool(HOSTILE, HOSTILE, HOSTILE, (true, true), &[HOSTILE])], elevated: true }
}

fn consent(client: ClientLine, resources: &[&str]) -> Consent {
    let read = vec![
        tool("search", "Search code", "Finds text in all files of the repository.", (true, false), &[]),
        tool("read_file", "Read a file", "Reads one file.", (true, false), &[]),
        tool("history", "History of a file", "Lists who changed a file, and when.", (true, false), &["git:read"]),
    ];
    let write = vec![tool("edit_file", "Edit a file", "Replaces lines of one file.", (false, false), &[])];
    let scope = |name: &str, tools| ScopeLine { name: name.to_owned(), tools, elevated: false };
    let expiry = |value: &str, label: &str, chosen| (value.to_owned(), label.to_owned(), chosen);
    Consent {
        client,
        user: "ada@example.com".to_owned(),
        resources: resources.iter().map(|&resource| resource.to_owned()).collect(),
        scopes: vec![scope("code:read", read), scope("code:write", write), admin(), scope("profile", Vec::new())],
        expiries: vec![expiry("day", "One day", false), expiry("month", "30 days", true), expiry("never", "Until you take it back", false)],
        form: form("/consent"),
        switch_user: form("/login/switch"),
    }
}

fn agents() -> Vec<Agent> {
    let agent = |grant: &str, client, last_used: Option<&str>, calls| Agent {
        grant: grant.to_owned(),
        client,
        scopes: vec!["code:read".to_owned(), "code:write".to_owned()],
        since: "3 November 2026".to_owned(),
        last_used: last_used.map(str::to_owned),
        last_tool: last_used.map(|_| "search".to_owned()),
        calls,
        expires: "3 December 2026".to_owned(),
    };
    vec![agent("grant-1", claude(), Some("today at 14:05"), 1294), agent("grant-2", on_this_computer(), None, 0)]
}
