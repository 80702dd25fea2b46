//! What people see who sit at a terminal: a real one, of the kind that terminal emulators make.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, Winsize, tcgetattr, tcsetattr, tcsetwinsize};

use crate::support::{MCP, example};

const PATIENCE: Duration = Duration::from_secs(30);

/// A person at a terminal, who watches a program.
struct Person {
    terminal: File,
    child: Child,
    seen: String,
}

impl Person {
    fn runs(words: &[&str], server: &str) -> Self {
        let server = example(server);
        Self::types(&[words, &["--", server.to_str().expect("a plain path")]].concat())
    }

    fn types(words: &[&str]) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("there are terminals");
        grantpt(&terminal).and_then(|()| unlockpt(&terminal)).expect("the terminal is ours");
        let name = ptsname(&terminal, Vec::new()).expect("the terminal has a name");
        let name = name.to_str().expect("it is a plain path");
        let other_side: OwnedFd = File::options().read(true).write(true).open(name).expect("the terminal is ours").into();
        let mut modes = tcgetattr(&other_side).expect("it is a terminal");
        modes.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&other_side, OptionalActions::Now, &modes).expect("it is a terminal");
        tcsetwinsize(&other_side, Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 }).expect("it is a terminal");
        let side = || Stdio::from(other_side.try_clone().expect("there are file descriptors left"));
        let mut command = Command::new(MCP);
        command.args(words).env_remove("MCP_SCOPES").env_remove("MCP_ACCESS_TOKEN");
        let child = command.stdin(side()).stdout(side()).stderr(side()).spawn().expect("the program exists");
        Self { terminal: File::from(terminal), child, seen: String::new() }
    }

    /// Waits until this is on the screen, and types a line.
    fn answers(&mut self, question: &str, answer: &str) {
        self.sees(question);
        writeln!(self.terminal, "{answer}").expect("the terminal takes input");
    }

    fn sees(&mut self, text: &str) {
        let begun = Instant::now();
        while !self.seen.contains(text) {
            assert!(begun.elapsed() < PATIENCE && self.watches(), "`{text}` does not come:\n{}", self.seen);
        }
        let at = self.seen.find(text).expect("it was seen") + text.len();
        self.seen.drain(..at);
    }

    fn watches(&mut self) -> bool {
        let mut bytes = [0; 4_096];
        // The terminal fails when the last program that uses it ends.
        let Ok(read @ 1..) = self.terminal.read(&mut bytes) else { return false };
        self.seen.push_str(&String::from_utf8_lossy(&bytes[..read]));
        true
    }

    /// Watches to the end; returns the exit code.
    fn leaves(mut self) -> (i32, String) {
        while self.watches() {}
        let code = self.child.wait().expect("a child can be waited for").code().expect("it exits by itself");
        (code, std::mem::take(&mut self.seen))
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        // Both fail for a program that has ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn missing_arguments_are_asked_for_until_they_fit() {
    let mut person = Person::runs(&["call", "add", "a=2"], "hello");
    person.answers("b (integer):", "three");
    person.sees("It must be integer, not `three`.");
    person.answers("b (integer):", "3");
    let (code, screen) = person.leaves();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains('5'), "{screen}");
}

#[test]
fn questions_of_the_server_are_asked() {
    for era in ["modern", "legacy"] {
        let mut person = Person::runs(&["call", "test_elicitation", "message=Who?", "--era", era], "everything");
        person.answers("the server asks: Who?", "y");
        person.answers("username (string):", "ada");
        person.answers("email (string):", "ada@example.com");
        let (code, screen) = person.leaves();
        assert_eq!(code, 0, "{screen}");
        assert!(screen.contains(r#"action=accept, content={"username":"ada","email":"ada@example.com"}"#), "{screen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_to_sign_in_is_asked_first() {
    let url = format!("http://{}/mcp", crate::authorized::serve(None).await);
    let (code, screen) = tokio::task::spawn_blocking(move || {
        let mut person = Person::types(&["call", &url, "look"]);
        person.answers("The server wants to know who is calling. Sign in? [y/N]", "n");
        person.leaves()
    })
    .await
    .expect("it runs");
    assert_eq!(code, 4, "{screen}");
    assert!(screen.contains("with `--bearer-env NAME`"), "{screen}");
}

#[test]
fn a_page_is_shown_whole_and_can_be_refused() {
    let mut person = Person::runs(&["call", "test_elicitation_url"], "everything");
    person.sees("https://example.com/sign-in");
    person.answers("Will you visit it? [y/N]", "n");
    let (code, screen) = person.leaves();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("decline"), "{screen}");
}

#[test]
fn progress_is_a_bar_that_goes_away() {
    let mut person = Person::runs(&["call", "test_tool_with_progress"], "everything");
    person.sees("50 % Completed step 50 of 100");
    let (code, screen) = person.leaves();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("\r\u{1b}[KAll steps are done."), "{screen:?}");
}

#[test]
fn a_change_is_made_when_somebody_agrees() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mcp.json");
    let path = file.to_str().expect("a plain path");
    for (answer, made) in [("n", false), ("y", true)] {
        let mut person = Person::types(&["install", "vscode", "x", "http://x/", "--config", path]);
        person.answers("[y/N]", answer);
        let (code, screen) = person.leaves();
        assert_eq!(code, 0, "{screen}");
        assert_eq!(file.exists(), made, "{screen}");
    }
}

#[test]
fn a_log_is_followed_until_somebody_leaves() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.jsonl");
    let record =
        |item: &str| format!(r#"{{"time":"12:00","operation":"tools/call","item":"{item}","verdict":"succeeded","latency_us":5}}"#) + "\n";
    std::fs::write(&file, record("first")).expect("the folder is ours");
    let mut person = Person::types(&["watch", file.to_str().expect("a plain path")]);
    person.sees("first");
    File::options().append(true).open(&file).and_then(|mut file| file.write_all(record("second").as_bytes())).expect("the file is ours");
    person.sees("second");
    write!(person.terminal, "q").expect("the terminal takes input");
    let (code, screen) = person.leaves();
    assert_eq!(code, 0, "{screen}");
}
