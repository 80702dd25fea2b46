"""Three tools on FastMCP: on standard streams, or over HTTP on the port that is given."""

import sys

from fastmcp import FastMCP

server = FastMCP("others")
read_only = {"readOnlyHint": True}


@server.tool(annotations=read_only)
def echo(text: str) -> str:
    """Says what it is told."""
    return text


@server.tool(annotations=read_only)
def add(a: int, b: int) -> int:
    """Adds two integers."""
    return a + b


@server.tool(annotations=read_only)
def fail() -> str:
    """Fails."""
    raise ValueError("this tool always fails")


if len(sys.argv) == 1:
    server.run(transport="stdio", show_banner=False)
else:
    server.run(transport="http", host="127.0.0.1", port=int(sys.argv[1]), show_banner=False)
