"""Three tools on the official Python SDK: on standard streams, or over HTTP on the port that is given."""

import sys

try:  # 2.x
    from mcp.server.mcpserver import MCPServer as Server
except ModuleNotFoundError:  # 1.x
    from mcp.server.fastmcp import FastMCP as Server
from mcp.types import ToolAnnotations

server = Server("others")
read_only = ToolAnnotations(readOnlyHint=True)


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
    server.run("stdio")
elif hasattr(server, "settings") and hasattr(server.settings, "port"):
    server.settings.port = int(sys.argv[1])
    server.run("streamable-http")
else:
    server.run("streamable-http", port=int(sys.argv[1]))
