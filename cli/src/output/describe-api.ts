import { discoveryRoutes, integrationSettings } from '@orgtrail/discovery';
import { graphWriterApi, type GraphWriterApiContext } from '@orgtrail/graph-writer';
import type { Route } from '@orgtrail/service-runtime';

/** docs/api.md, from the routes and the settings. */
export function describeApi(): string {
  const defaults = integrationSettings.parse({});
  const settings = Object.entries(defaults).map(([name, value]) => `| \`${name}\` | \`${JSON.stringify(value)}\` |`);
  return `# The administration API

Of discovery (\`API_HOST\`:\`API_PORT\`, 127.0.0.1:8085) and, for dead letters and purges, of the graph writer (127.0.0.1:8087); \`orgtrail up\` answers both at its one address
(127.0.0.1:8080). The commands of \`orgtrail\` use it (\`--url\` or ORGTRAIL_URL, for dead letters ORGTRAIL_GRAPH_WRITER_URL first; ORGTRAIL_TOKEN or ORGTRAIL_TOKEN_FILE).

Who may call it: holders of a bearer token of \`API_TOKENS\` (\`name:role:token\`), role \`reader\` or \`admin\`; an admin may read, too. While no token is configured it listens on a
loopback address only, and answers only callers on this machine that address it as such. What administrators do is logged and kept, in \`discovery.admin_actions\` and \`graph.admin_actions\`.

JSON in and out, bodies up to 64 kB. Refusals are \`application/problem+json\` (RFC 9457) with \`detail\`, often a \`code\`, and \`problems\` per field. \`:integration\` is the
id, the organization id or the exact name.

## Of discovery

${table(discoveryRoutes)}

\`/configurations\` and \`/members\` take \`status\` (comma-separated), \`ou\`, \`text\` and \`removed=true\`. \`/rotate-external-id\` takes \`externalId\` (a random one is made otherwise)
and \`overlapHours\` (168). \`/webhook-secret\` takes \`overlapHours\`, too; its answer alone shows the new secret, and with \`isListening\` whether any replica takes posts ([webhook.md](webhook.md)).
\`/sync\` takes \`{"kind":"full"}\`, as without a body, or \`{"kind":"light"}\` ([syncs.md](syncs.md)). \`PATCH …/members/:accountId\` takes \`roleArn\`, null for the derived one.
\`…/held-deletions/approve\` takes the \`subjects\` that were seen, \`…/discard\` those or, without any, all ([held-deletions.md](held-deletions.md)).
\`/v1/removed-integrations/:integration\` takes an id alone: the name may be another's by now.

## Of the graph writer

${table(graphWriterApi(unused).routes)}

The list takes \`state\` (open, resolved, all), \`code\`, \`topic\`, \`key\` (the integration's id), \`since\`, \`before\` (a number, for what did not fit) and \`limit\` (100).
\`/replay\` and \`/discard\` take \`{"ids": ["17"]}\`, \`{"code": "CONTRACT_VIOLATION"}\` or \`{"all": true}\` ([dead-letters.md](dead-letters.md)).
\`:scope\` is the id of an integration; \`/purge\` answers 202 at once, and the scope has \`purgedAt\` when it is done ([graph.md](graph.md)).

## Settings of an integration

POST takes all of them and \`externalId\`; PATCH takes those that change. Wrong values are refused with the reason and a right example.

| setting | default |
|---|---|
${settings.join('\n')}

\`syncInterval\` is one of disabled, 30m, 1h, 4h, 8h, 12h, 1d, 1w, and is spread by a tenth so that integrations do not sync together. \`roleArn\` null means ambient credentials; then
members have no role name, unless one is given to each. \`intermediateRole\` (\`roleArn\`, \`externalId\`) is assumed first.
`;
}

/** What a route is for is known before anything is there to answer with. */
const unused = {} as GraphWriterApiContext;

function table(routes: readonly Pick<Route, 'method' | 'path' | 'role' | 'action'>[]): string {
  const rows = routes.map(({ method, path, role, action }) => `| ${method.toUpperCase()} | \`${path}\` | ${role} | ${action} |`);
  return ['| method | path | role | |', '|---|---|---|---|', ...rows].join('\n');
}
