//! A real browser: Chromium without a window, driven through ChromeDriver (W3C WebDriver).

mod wire;

use std::fmt::Display;
use std::io::Write as _;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use self::wire::Wire;
use crate::process::Process;

/// The program that is driven, as Debian installs it.
const DRIVER: &str = "chromedriver";
/// How long elements are waited for, in milliseconds: pages take their time on a busy machine.
const PATIENCE: u64 = 20_000;
/// What nobody is to see, on machines where it may run as root and has nothing to draw with.
const ARGUMENTS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

/// A browser with a profile of its own. It ends when this is dropped.
#[derive(Debug)]
pub struct Chromium {
    // Dropped in this order: the driver ends the browser, the browser its use of the profile.
    session: Session,
    _driver: Process,
    _profile: TempDir,
}

#[derive(Debug)]
struct Session {
    wire: Wire,
    path: String,
}

impl Chromium {
    /// Whether there is one. Where there could be, because root of a Debian had the setup run, its absence is an error; elsewhere it
    /// is said, past what tests have printed, that there is none.
    ///
    /// # Panics
    /// When it should be there.
    pub fn is_there() -> bool {
        let works = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
        if works(DRIVER) && works("chromium") {
            return true;
        }
        let user = Command::new("id").arg("-u").output().map(|output| output.stdout).unwrap_or_default();
        assert!(!(user == b"0\n" && works("apt-get")), "there is no Chromium; `cargo xtask test setup` installs it");
        // Whoever cannot be told cannot be helped.
        let _ = writeln!(std::io::stderr(), "\nSKIPPED: nothing was tried in a real browser; install chromium and chromium-driver");
        false
    }

    /// Starts one with further arguments.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn start(arguments: &[&str]) -> Self {
        let driver = Process::launch(DRIVER, &["--port=0"]);
        let port = std::iter::from_fn(|| driver.next()).find_map(|line| port_in(&line)).expect("the driver says where it listens");
        let profile = tempfile::tempdir().expect("a directory can be made");
        let data = format!("--user-data-dir={}", profile.path().display());
        let arguments: Vec<&str> = ARGUMENTS.iter().chain(arguments).copied().chain([data.as_str()]).collect();
        let wire = Wire::to(port);
        let wanted = json!({
            "browserName": "chrome",
            "timeouts": {"implicit": PATIENCE},
            "goog:chromeOptions": {"args": arguments, "binary": "/usr/bin/chromium"},
        });
        let made = wire.post("/session", &json!({"capabilities": {"alwaysMatch": wanted}})).await.expect("a browser starts");
        let id = made["sessionId"].as_str().expect("a session has a name");
        Self { session: Session { path: format!("/session/{id}"), wire }, _driver: driver, _profile: profile }
    }

    /// Goes to a URL.
    ///
    /// # Panics
    /// When nobody answers there.
    pub async fn open(&self, url: &str) {
        self.tell("/url", &json!({"url": url})).await;
    }

    /// Where it is, also if nobody answered there.
    ///
    /// # Panics
    /// When the browser does not answer.
    pub async fn url(&self) -> String {
        text(&self.session.get("/url").await)
    }

    /// Where it is as soon as that begins like this.
    ///
    /// # Panics
    /// When it gets nowhere near in time.
    pub async fn url_at(&self, start: &str) -> String {
        let begun = std::time::Instant::now();
        loop {
            let url = self.url().await;
            if url.starts_with(start) {
                return url;
            }
            assert!(begun.elapsed().as_millis() < u128::from(PATIENCE), "it is at {url} instead of {start}\n{}", self.text("body").await);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// The title of the page.
    ///
    /// # Panics
    /// When the browser does not answer.
    pub async fn title(&self) -> String {
        text(&self.session.get("/title").await)
    }

    /// Clicks what a CSS selector finds.
    ///
    /// # Panics
    /// When there is nothing in time.
    pub async fn click(&self, selector: &str) {
        let element = self.find("css selector", selector).await;
        self.tell(&format!("{element}/click"), &json!({})).await;
    }

    /// Presses the button that says this, or begins so.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn press(&self, label: &str) {
        let element = self.find("xpath", &format!("//button[starts-with(normalize-space(.), '{label}')]")).await;
        self.tell(&format!("{element}/click"), &json!({})).await;
    }

    /// Types into what a CSS selector finds.
    ///
    /// # Panics
    /// When there is nothing in time.
    pub async fn fill(&self, selector: &str, value: &str) {
        let element = self.find("css selector", selector).await;
        self.tell(&format!("{element}/value"), &json!({"text": value})).await;
    }

    /// The text of what a CSS selector finds, shown or not.
    ///
    /// # Panics
    /// When there is nothing in time.
    pub async fn text(&self, selector: &str) -> String {
        self.property(selector, "textContent").await
    }

    /// A property of what a CSS selector finds.
    ///
    /// # Panics
    /// When there is nothing in time.
    pub async fn property(&self, selector: &str, name: &str) -> String {
        let element = self.find("css selector", selector).await;
        text(&self.session.get(&format!("{element}/property/{name}")).await)
    }

    /// Sends a command of the Chrome DevTools Protocol.
    ///
    /// # Panics
    /// When the browser refuses.
    pub async fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.tell("/goog/cdp/execute", &json!({"cmd": command, "params": parameters})).await
    }

    /// The path of an element.
    async fn find(&self, using: &str, what: &str) -> String {
        let found = self.session.post("/element", &json!({"using": using, "value": what})).await;
        let found = match found {
            Ok(found) => found,
            Err(error) => panic!("{error}\nthe page at {} says: {}", self.url().await, self.page_text().await),
        };
        let id = found.as_object().and_then(|found| found.values().next()).map(text).expect("an element has a name");
        format!("/element/{id}")
    }

    async fn page_text(&self) -> String {
        let script = json!({"script": "return document.body.innerText", "args": []});
        self.session.post("/execute/sync", &script).await.map(|said| text(&said)).unwrap_or_default()
    }

    async fn tell(&self, path: &str, body: &Value) -> Value {
        self.session.post(path, body).await.unwrap_or_else(|error| refused(path, &error))
    }
}

impl Session {
    async fn get(&self, path: &str) -> Value {
        self.wire.get(&format!("{}{path}", self.path)).await.unwrap_or_else(|error| refused(path, &error))
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.wire.post(&format!("{}{path}", self.path), body).await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.wire.delete(&self.path);
    }
}

/// `44321` of `ChromeDriver was started successfully on port 44321.`
fn port_in(line: &str) -> Option<u16> {
    line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
}

fn text(value: &Value) -> String {
    value.as_str().map(str::to_owned).unwrap_or_default()
}

fn refused(path: &str, error: &dyn Display) -> ! {
    panic!("the browser refused {path}: {error}")
}
