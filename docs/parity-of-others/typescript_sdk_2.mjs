// Three tools on the official TypeScript SDK, 2.x: on standard streams, or over HTTP on the port that is given.
import { createServer } from 'node:http';
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod/v4';
import { addTools } from './typescript_tools.mjs';

const make = () => addTools(new McpServer({ name: 'others', version: '1.0.0' }), fields => z.object(fields));
const port = process.argv[2];

if (port === undefined) {
    serveStdio(make);
} else {
    const [isOurHost, isOurOrigin] = [localhostHostValidation(), localhostOriginValidation()];
    const handle = toNodeHandler(createMcpHandler(make));
    createServer((request, response) => {
        if (isOurHost(request, response) && isOurOrigin(request, response)) handle(request, response);
    }).listen(Number(port), '127.0.0.1');
}
