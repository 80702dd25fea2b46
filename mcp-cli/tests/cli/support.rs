//! What the tests share: the program, and servers for it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

pub(crate) use crate::run::Run;

pub(crate) const MCP: &str = env!("CARGO_BIN_EXE_mcp");

/// The program, in an environment in which nothing narrows what servers let it do.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(MCP);
    command.args(arguments).env_remove("MCP_SCOPES").env_remove("MCP_ACCESS_TOKEN").stdin(Stdio::null());
    command
}

pub(crate) fn run(mut command: Command) -> Run {
    let output = command.output().expect("the program exists");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints text");
    Run { code: output.status.code().expect("it exits by itself"), out: text(output.stdout), err: text(output.stderr) }
}

/// Runs the program with words that are separated by spaces, and the command of an example after `--`.
pub(crate) fn on(example_name: &str, line: &str) -> Run {
    run_on(example_name, &line.split_whitespace().collect::<Vec<_>>())
}

pub(crate) fn run_on(example_name: &str, words: &[&str]) -> Run {
    let program = example(example_name);
    let server = program.to_str().expect("the target directory has a plain name");
    run(command(&[words, &["--", server]].concat()))
}

/// Runs the program with something on its standard input.
pub(crate) fn run_with_input(mut command: Command, input: &str) -> Run {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program exists");
    child.stdin.take().expect("asked for above").write_all(input.as_bytes()).expect("the program reads");
    let output = child.wait_with_output().expect("a child can be waited for");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints text");
    Run { code: output.status.code().expect("it exits by itself"), out: text(output.stdout), err: text(output.stderr) }
}

/// The program of an example, which is built when it is first asked for.
pub(crate) fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let directory = BUILT.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        let built = cargo.args(["build", "--quiet", "--offline", "-p", "hello", "-p", "everything"]).current_dir(workspace()).status();
        assert!(built.expect("there is cargo").success(), "the examples can be built");
        Path::new(MCP).parent().expect("a program is in a directory").to_owned()
    });
    directory.join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the workspace")
}

/// An example that serves HTTP, until this is dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
}

impl Served {
    pub(crate) fn start(name: &str) -> Self {
        let mut command = Command::new(example(name));
        let mut child = command
            .args(["http", "--dev", "--bind", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example exists");
        let mut log = BufReader::new(child.stderr.take().expect("asked for above")).lines();
        let url = log.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, rest) = line.split_once("serving HTTP at ")?;
            rest.split_whitespace().next().map(str::to_owned)
        });
        // Read to its end, so that the server can go on writing.
        std::thread::spawn(move || log.for_each(drop));
        Self { child, url: url.expect("the server says where it is") }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Both fail for a process that has ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
