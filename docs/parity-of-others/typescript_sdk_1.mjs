// Three tools on the official TypeScript SDK, 1.x: on standard streams, or over HTTP with sessions on the port that is given.
import { randomUUID } from 'node:crypto';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { addTools } from './typescript_tools.mjs';

const make = () => addTools(new McpServer({ name: 'others', version: '1.0.0' }), fields => fields);
const port = process.argv[2];

if (port === undefined) {
    await make().connect(new StdioServerTransport());
} else {
    const sessions = new Map();
    const app = createMcpExpressApp();
    app.all('/mcp', async (request, response) => {
        let transport = sessions.get(request.headers['mcp-session-id']);
        if (!transport && isInitializeRequest(request.body)) {
            transport = new StreamableHTTPServerTransport({
                sessionIdGenerator: randomUUID,
                onsessioninitialized: id => sessions.set(id, transport)
            });
            transport.onclose = () => sessions.delete(transport.sessionId);
            await make().connect(transport);
        }
        if (transport) {
            await transport.handleRequest(request, response, request.body);
        } else {
            const error = { code: -32000, message: 'Bad Request: No valid session ID provided' };
            response.status(400).json({ jsonrpc: '2.0', error, id: null });
        }
    });
    app.listen(Number(port), '127.0.0.1');
}
