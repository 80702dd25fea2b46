//! The test that users write.

use mcp_parity::Server;

use crate::caller::Caller;
use crate::child::{Child, serve_if_asked};
use crate::suite::Suite;

/// Writes a test that a server answers alike on every transport.
///
/// The first argument makes the server, as a `Server` or a `Result` of one; it is evaluated for every
/// conversation, and in a child process for stdio. `as` lists the callers: `anonymous`, `local`,
/// `local_with("scope …")`, `scopes("scope …")` and `principal("label", principal)`. Tools, resources and
/// prompts that answer differently each time, or should not be called by a test, are named in `except`.
/// With `program`, stdio is spoken with that program instead of the test binary itself.
///
/// ```no_run
/// # fn my_server() -> mcp_parity::Result<mcp_parity::Server> { mcp_parity::Server::linked() }
/// mcp_testkit::parity_test!(my_server(), as = [anonymous, scopes("mcp:execute"), local], except = ["draw_lots"]);
/// ```
///
/// The test is called `parity`; a name can be given in front: `parity_test!(fn named: my_server(), as = [local])`.
#[macro_export]
macro_rules! parity_test {
    (fn $name:ident: $server:expr, as = [$($who:ident $(($($argument:expr),* $(,)?))?),+ $(,)?] $(, except = [$($except:expr),* $(,)?])? $(, program = $program:expr)? $(,)?) => {
        #[test]
        fn $name() {
            let callers = ::std::vec![$($crate::$who($($($argument),*)?)),+];
            #[allow(unused_mut, unused_assignments)]
            let mut child = $crate::Child::this_test(concat!(module_path!(), "::", stringify!($name)));
            $(child = $crate::Child::Program(::std::convert::Into::into($program));)?
            $crate::assert_parity(|| $crate::IntoServer::into_server($server), callers, child, &[$($($except),*)?]);
        }
    };
    ($server:expr, as = $($rest:tt)+) => {
        $crate::parity_test!(fn parity: $server, as = $($rest)+);
    };
}

/// What [`parity_test!`](crate::parity_test) accepts as a server.
pub trait IntoServer {
    /// The server.
    fn into_server(self) -> Server;
}

impl IntoServer for Server {
    fn into_server(self) -> Server {
        self
    }
}

impl<E: std::fmt::Debug> IntoServer for Result<Server, E> {
    fn into_server(self) -> Server {
        self.unwrap_or_else(|error| panic!("the server cannot be made: {error:?}"))
    }
}

/// Runs the built-in manifest, prints the matrix, and ends the test where transports differ.
///
/// # Panics
/// When transports differ, with the first difference of each conversation.
pub fn assert_parity(server: impl Fn() -> Server + Send + Sync + 'static, callers: Vec<Caller>, child: Child, except: &[&str]) {
    serve_if_asked(&server, &callers);
    let report = Suite::new(server, callers, child).built_in(except).run();
    eprintln!("{report}");
    report.assert_parity();
}
