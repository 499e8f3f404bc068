import { accountMapperEnvironment } from '@orgtrail/account-mapper';
import { discoveryEnvironment } from '@orgtrail/discovery';
import { graphWriterEnvironment } from '@orgtrail/graph-writer';
import type { z } from 'zod';

/** docs/configuration.md, from the environments that the services parse. */
export function describeConfiguration(): string {
  return `# Configuration

By environment variables only. All problems are told at once, with exit code 78. Each variable may come from a file instead: \`X_FILE\`
names a file that holds the value of \`X\`.

## discovery

${table(discoveryEnvironment)}

Integrations made through the API ([api.md](api.md)) are kept in the database. AWS credentials and region come from the AWS SDK's own variables
(\`AWS_…\`), \`AWS_ENDPOINT_URL\` included. Proxies, private endpoints, FIPS, several partitions: [network.md](network.md).

## account-mapper

${table(accountMapperEnvironment)}

## graph-writer

${table(graphWriterEnvironment)}

## \`orgtrail up\`

All services in one process; \`orgtrail up --help\` lists its options. \`DATABASE_URL\` and \`KAFKA_BROKERS\` (with \`KAFKA_TLS…\`, \`KAFKA_SASL…\` as above) replace the embedded parts. \`HISTORY_MONTHS\`
is that of the graph-writer. The commands \`integration\` and \`members\` take \`ORGTRAIL_URL\`, and \`ORGTRAIL_TOKEN\` or \`ORGTRAIL_TOKEN_FILE\`.

## Traces

The variables \`OTEL_…\` are OpenTelemetry's own, and \`orgtrail up\` takes them, too. One trace leads from an event in the queue, or a request at the webhook, to the row in the graph: a span for each
batch that is taken in, refreshed, published, mapped and written, and one for each call of AWS. Batches that carry several traces are linked to up to 32 of them. Log lines inside a span carry \`trace_id\` and
\`span_id\`. No span holds an e-mail address, a secret, an external id or the text of an error. Without a collector there are no spans; one that does not answer costs the spans and nothing else.
Further variables of the exporter (\`OTEL_EXPORTER_OTLP_TIMEOUT\`, \`…_COMPRESSION\`, \`…_CERTIFICATE\`, \`OTEL_RESOURCE_ATTRIBUTES\`) are read as OpenTelemetry describes them; the protocol is JSON over HTTP.

## Exit codes

| code | meaning |
|---|---|
| 0 | well |
| 1 | failure, or a sync that is not complete |
| 2 | usage |
| 3 | \`orgtrail verify\` found differences |
| 69 | a backend (PostgreSQL, Kafka, AWS, the API) does not answer |
| 78 | configuration, credentials that may not read the organization, or a token that may not do this |
`;
}

function table(environment: z.ZodObject): string {
  const rows = Object.entries(environment.shape).map(([name, schema]) => {
    const field = schema as z.ZodType;
    const absent = field.safeParse(undefined);
    const fallback = !absent.success ? 'required' : shown(absent.data);
    return `| \`${name}\` | ${fallback} | ${(descriptionOf(field) ?? '').replaceAll('|', '\\|')} |`;
  });
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

function shown(value: unknown): string {
  if (value === undefined) return '–';
  const text = Array.isArray(value) ? value.join(',') : typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' ? '–' : `\`${text}\``;
}

/** Of the schema, or of what it wraps. */
function descriptionOf(schema: z.ZodType): string | undefined {
  if (schema.description !== undefined) return schema.description;
  const { innerType, in: input } = schema.def as unknown as { innerType?: z.ZodType; in?: z.ZodType };
  const inner = innerType ?? input;
  return inner && descriptionOf(inner);
}
