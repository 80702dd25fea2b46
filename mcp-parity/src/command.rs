//! The command line that every server has.

use std::io::Write as _;
#[cfg(feature = "http")]
use std::net::SocketAddr;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use mcp_core::Principal;

#[cfg(any(feature = "http", not(feature = "stdio")))]
use crate::error::Error;
use crate::error::Result;
use crate::server::Server;
#[cfg(any(feature = "stdio", feature = "http"))]
use crate::signal::asked_to_stop;

/// An MCP server.
#[derive(Debug, Parser)]
#[command(about = None, long_about = None)]
struct Command {
    /// Configuration file; `http` and `check` take `mcp.toml` where they are started if there is one
    #[cfg(feature = "auth")]
    #[arg(long, global = true)]
    config: Option<std::path::PathBuf>,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serve the client that launched this program over its standard streams (the default)
    #[cfg(feature = "stdio")]
    Stdio,
    /// Serve over HTTP
    #[cfg(feature = "http")]
    Http {
        /// Address and port to listen on; port 0 takes any that is free
        #[arg(long, default_value = "127.0.0.1:8080", value_parser = address)]
        bind: SocketAddr,
        /// Path of the MCP endpoint
        #[arg(long)]
        path: Option<String>,
        /// Treat every caller on loopback as the local developer with every scope
        #[arg(long)]
        dev: bool,
    },
    /// Print the tools, resources and prompts
    Tools {
        /// As the JSON that clients get
        #[arg(long)]
        json: bool,
    },
    /// Check that the server could start
    Check,
    /// Make an API key, and print the lines of `mcp.toml` that let it in
    #[cfg(feature = "auth")]
    ApiKey {
        /// Whose key it is
        subject: String,
        /// What it may do, scopes separated by spaces
        #[arg(long, default_value = "")]
        scopes: String,
    },
    /// Administer the authorization server: clients, people and keys
    #[cfg(feature = "auth-server")]
    #[command(subcommand)]
    Auth(crate::admin::Admin),
    /// Verify that an audit log is whole
    #[cfg(feature = "auth")]
    VerifyAudit {
        /// The log
        file: std::path::PathBuf,
    },
}

/// The server as its configuration file has it.
#[cfg(feature = "auth")]
fn configured(server: Server, command: &Command) -> Result<Server> {
    if matches!(command.action, Some(Action::ApiKey { .. } | Action::VerifyAudit { .. })) {
        return Ok(server);
    }
    let administers = administers(command);
    let looks_around = administers || matches!(command.action, Some(Action::Http { .. } | Action::Check));
    let serves = !administers && !matches!(command.action, Some(Action::Check | Action::Tools { .. }));
    match crate::settings::file(command.config.clone(), looks_around) {
        Some(file) => {
            let server = crate::settings::configure(server, &file, serves)?;
            say(&format!("configured by {}", file.display()));
            Ok(server)
        }
        None => Ok(server),
    }
}

/// Whether the authorization server is administered, perhaps beside a process that serves.
#[cfg(feature = "auth-server")]
fn administers(command: &Command) -> bool {
    matches!(command.action, Some(Action::Auth(_)))
}

#[cfg(all(feature = "auth", not(feature = "auth-server")))]
fn administers(_command: &Command) -> bool {
    false
}

/// Reads an address to listen on, as `127.0.0.1:8080` or `localhost:0`.
///
/// # Errors
/// Says what one looks like.
#[cfg(feature = "http")]
pub fn address(text: &str) -> std::result::Result<SocketAddr, String> {
    let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    text.parse().map_err(|_| "an address is an IP address and a port, as `127.0.0.1:8080` or `[::1]:0`".to_owned())
}

pub(crate) async fn run(server: Server) -> Result<()> {
    let command = Command::command().name(server.name().to_owned()).version(server.version().to_owned());
    let command = Command::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit());
    #[cfg(feature = "log")]
    crate::log::to_stderr()?;
    #[cfg(feature = "auth")]
    let server = configured(server, &command)?;
    let action = command.action;
    match action {
        #[cfg(feature = "stdio")]
        None | Some(Action::Stdio) => stdio(server).await,
        #[cfg(not(feature = "stdio"))]
        None => Err(Error::Config("this program does not speak stdio; use `http`".to_owned())),
        #[cfg(feature = "http")]
        Some(Action::Http { bind, path, dev }) => match http(server, bind, path, dev).await {
            Err(open @ Error::Unidentified { .. }) => Err(Error::Config(format!("{open}.{HOW_TO_IDENTIFY}"))),
            served => served,
        },
        Some(Action::Tools { json }) => tools(server, json),
        Some(Action::Check) => check(server).await,
        #[cfg(feature = "auth")]
        Some(Action::ApiKey { subject, scopes }) => {
            let (key, lines) = crate::settings::api_key(&subject, &scopes)?;
            let known = server.registry().scopes();
            for scope in scopes.split_ascii_whitespace().filter(|scope| !known.contains(scope)) {
                say(&format!("note: nothing here asks for the scope `{scope}`"));
            }
            // Apart, so that the lines can be appended to the file and the key is not.
            say(&format!("the key, which is not shown again: {key}"));
            Ok(std::io::stdout().write_all(lines.as_bytes())?)
        }
        #[cfg(feature = "auth-server")]
        Some(Action::Auth(action)) => crate::admin::run(server, action).await,
        #[cfg(feature = "auth")]
        Some(Action::VerifyAudit { file }) => {
            say(&crate::settings::verify_audit(&file)?);
            Ok(())
        }
    }
}

#[cfg(feature = "stdio")]
pub(crate) async fn stdio(server: Server) -> Result<()> {
    #[cfg(feature = "auth-server")]
    let server = with_authorization_over_stdio(server).await?;
    let principal = crate::identity::of_stdio(&server).await?;
    say(&format!("serving stdio as {} with {}", principal.subject().unwrap_or("nobody"), principal.scopes()));
    over_stdio(server, principal, mcp_transport_stdio::standard_input()).await
}

/// Serves whoever launched this process.
#[cfg(feature = "stdio")]
pub(crate) async fn over_stdio(server: Server, principal: Principal, input: impl std::io::Read + Send + 'static) -> Result<()> {
    let options = mcp_transport_stdio::Options { principal, ..mcp_transport_stdio::Options::default() };
    let dispatcher = server.into_dispatcher()?;
    let served = mcp_transport_stdio::serve_stdio_from(dispatcher, options, input, asked_to_stop()).await;
    if served.is_ok() {
        crate::runtime::leave_threads_behind();
    }
    Ok(served?)
}

#[cfg(all(feature = "http", feature = "auth"))]
const HOW_TO_IDENTIFY: &str = "

Name an issuer in `mcp.toml`, here or where `--config` says:

    public_url = \"https://mcp.example.com\"      # by which clients reach this server

    [[auth.jwt]]
    issuer = \"https://auth.example.com\"         # whose tokens are taken

or try the server on this machine only, where everybody is you:

    http --dev";

#[cfg(all(feature = "http", not(feature = "auth")))]
const HOW_TO_IDENTIFY: &str = "
Set `HttpConfig::authenticator`, or enable the feature `auth` and name an issuer in `mcp.toml`; or use `http --dev` to try it on this machine.";

/// How callers over HTTP are identified; refuses to serve what nobody could be allowed to use.
#[cfg(feature = "http")]
fn authenticator(server: &Server, bind: SocketAddr, dev: bool) -> Result<mcp_auth::Authenticator> {
    let configured = server.http.authenticator.clone();
    if dev {
        if !bind.ip().to_canonical().is_loopback() {
            return Err(Error::Config(format!("--dev is only for loopback addresses, and {} is not one", bind.ip())));
        }
        return Ok(mcp_auth::Authenticator::LocalDeveloper);
    }
    if server.registry().asks_for_identity() && !configured.identifies() {
        let scopes: Vec<&str> = server.registry().scopes().into_iter().collect();
        let asked = if scopes.is_empty() { "a tier or a second factor".to_owned() } else { format!("the scopes {}", scopes.join(" ")) };
        return Err(Error::Unidentified { asked });
    }
    Ok(configured)
}

#[cfg(feature = "http")]
pub(crate) async fn http(mut server: Server, bind: SocketAddr, path: Option<String>, dev: bool) -> Result<()> {
    if let Some(path) = path {
        server.http.path = path;
    }
    // Bound before anything else: the authorization server has to know where it is.
    let socket = tokio::net::TcpListener::bind(bind)
        .await
        .map_err(|error| Error::Config(format!("{bind} cannot be listened on: {error}; choose another with `--bind 127.0.0.1:0`")))?;
    let address = socket.local_addr()?;
    #[cfg(feature = "auth-server")]
    if !dev {
        let auth;
        (server, auth) = authorized(server, address).await?;
        for way in auth.iter().flat_map(mcp_auth::server::AuthServer::for_development) {
            say(&format!("development mode: people sign in without any proof, or with what is printed here (`{way}`)"));
        }
        auth.into_iter().for_each(crate::authorization::keep_tidy);
    }
    server.http.authenticator = authenticator(&server, bind, dev)?;
    let config = server.http.clone();
    let service = mcp_transport_http::HttpService::new(server.into_dispatcher()?, config.clone())
        .map_err(|error| Error::Config(error.to_string()))?;
    let listener = mcp_transport_http::Listener::on(socket, service.clone());
    let mut stop = Box::pin(asked_to_stop());
    tokio::select! {
        biased;
        // Polled before anybody can know that there is something to stop, so that no signal is missed.
        () = &mut stop => return Ok(()),
        () = std::future::ready(()) => {}
    }
    say(&format!("serving HTTP at http://{address}{} for the hosts {}", config.path, service.accepted_hosts()));
    if dev {
        say("development mode: every caller on loopback is the local developer with every scope");
    }
    listener.serve(stop).await;
    crate::runtime::leave_threads_behind();
    Ok(())
}

/// The server with its authorization server, where a token is to be verified: whoever launched the process needs none.
#[cfg(all(feature = "auth-server", feature = "stdio"))]
async fn with_authorization_over_stdio(mut server: Server) -> Result<Server> {
    if std::env::var_os("MCP_ACCESS_TOKEN").is_none() {
        return Ok(server);
    }
    match crate::authorization::settle(&mut server).await? {
        Some(auth) => Ok(crate::authorization::install(server, &auth)),
        None => Ok(server),
    }
}

/// The server with its authorization server, if there is to be one. On loopback its URL is that of the socket, unless it is said.
#[cfg(feature = "auth-server")]
async fn authorized(mut server: Server, address: SocketAddr) -> Result<(Server, Option<mcp_auth::server::AuthServer>)> {
    if server.http.public_url.is_none() && address.ip().to_canonical().is_loopback() && server.authorization.is_some() {
        server.http.public_url = Some(format!("http://{address}"));
    }
    match crate::authorization::settle(&mut server).await? {
        Some(auth) => Ok((crate::authorization::install(server, &auth), Some(auth))),
        None => Ok((server, None)),
    }
}

fn tools(server: Server, json: bool) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        let exchange = mcp_core::Exchange::on_connection(
            mcp_core::Connection::new(),
            Principal::local(),
            mcp_core::Transport::InProcess,
            mcp_core::Outlet::closed(),
        );
        out.write_all(&server.into_dispatcher()?.describe(&exchange))?;
        return Ok(writeln!(out)?);
    }
    let registry = server.registry();
    for tool in registry.tools() {
        write_item(&mut out, "tool", tool.name(), tool.item())?;
    }
    for resource in registry.resources() {
        write_item(&mut out, "resource", resource.uri(), resource.item())?;
    }
    for prompt in registry.prompts() {
        write_item(&mut out, "prompt", prompt.item().name(), prompt.item())?;
    }
    Ok(())
}

fn write_item(out: &mut impl std::io::Write, kind: &str, name: &str, item: &mcp_core::ItemMeta) -> Result<()> {
    let scopes: Vec<&str> = item.access().scopes().collect();
    let scopes = if scopes.is_empty() { String::new() } else { format!("  [{}]", scopes.join(" ")) };
    let summary = item.description().lines().next().unwrap_or_default();
    Ok(writeln!(out, "{kind:<9} {name:<24} {summary}{scopes}")?)
}

async fn check(server: Server) -> Result<()> {
    #[cfg(feature = "auth-server")]
    let server = authorized(server, SocketAddr::from(([127, 0, 0, 1], 8080))).await?.0;
    #[cfg(feature = "http")]
    {
        server.http.check().map_err(|error| Error::Config(error.to_string()))?;
        if server.registry().asks_for_identity() && !server.http.authenticator.identifies() {
            say("note: over HTTP this server starts only with --dev until somebody is configured who can tell who is calling");
        }
    }
    let counts = (server.registry().tools().count(), server.registry().resources().count(), server.registry().prompts().count());
    server.into_dispatcher()?;
    let counted = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    say(&format!("ok: {}, {}, {}", counted(counts.0, "tool"), counted(counts.1, "resource"), counted(counts.2, "prompt")));
    Ok(())
}

/// Tells the operator; the standard output is the protocol's.
pub(crate) fn say(message: &str) {
    // With the standard error closed there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{message}");
}
