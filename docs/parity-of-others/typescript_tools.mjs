// The tools, which are written alike for both releases of the official TypeScript SDK.
import * as z from 'zod/v4';

const annotations = { readOnlyHint: true };
const text = said => ({ content: [{ type: 'text', text: said }] });

/** Adds the tools to a server. What `schema` makes of the fields is what the release takes. */
export function addTools(server, schema) {
    server.registerTool(
        'echo',
        { description: 'Says what it is told.', inputSchema: schema({ text: z.string() }), annotations },
        async ({ text: said }) => text(said)
    );
    server.registerTool(
        'add',
        { description: 'Adds two integers.', inputSchema: schema({ a: z.int(), b: z.int() }), annotations },
        async ({ a, b }) => text(String(a + b))
    );
    server.registerTool('fail', { description: 'Fails.', annotations }, async () => {
        throw new Error('this tool always fails');
    });
    return server;
}
