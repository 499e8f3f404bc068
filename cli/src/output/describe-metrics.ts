import { accountMapperMetrics } from '@orgtrail/account-mapper';
import { discoveryMetrics } from '@orgtrail/discovery';
import { graphFeedMetrics, graphWriterMetrics } from '@orgtrail/graph-writer';
import type { MetricDeclaration, MetricDeclarations } from '@orgtrail/service-runtime';

/** docs/metrics.md, from the declarations that the services make their instruments of. */
export function describeMetrics(): string {
  return `# Metrics

Every service answers \`GET /metrics\` on its admin port in the text format of Prometheus; \`orgtrail up\` shows all of them at its own address. Whoever scrapes needs no token and
learns no account id, name or e-mail address: labels are bounded, and the only id among them is the integration's. Counters that an alert is about stand at 0 from the start, so that
the first count is an increase; other metrics appear with the first thing that they count or measure. The gauges of an integration come from the replica that watches it.

## discovery

${table(discoveryMetrics)}

## account-mapper

${table(accountMapperMetrics)}

## graph-writer

${table(graphWriterMetrics)}

Of the [feed](feed.md):

${table(graphFeedMetrics)}

## What to alert on

${[discoveryMetrics, accountMapperMetrics, graphWriterMetrics, graphFeedMetrics].flatMap(alerts).join('\n')}

\`orgtrail integration proof\` tells the same of one integration in sentences, from what is stored ([proof.md](proof.md)).
`;
}

function table(declarations: MetricDeclarations): string {
  const rows = Object.values(declarations).map((declaration) => {
    const labels = Object.entries(declaration.labels ?? {}).map(([name, values]) => `\`${name}\`: ${values}`);
    return `| \`${declaration.name}\` | ${kindOf(declaration)} | ${cell(labels.join('<br>'))} | ${cell(declaration.description)} |`;
  });
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function kindOf(declaration: MetricDeclaration): string {
  if (declaration.kind === 'histogram') return 'histogram, seconds';
  return declaration.kind === 'gauge' && declaration.unit === 's' ? 'gauge, seconds' : declaration.kind;
}

function alerts(declarations: MetricDeclarations): string[] {
  return Object.values(declarations).flatMap(({ name, alert }) => (alert === undefined ? [] : [`- \`${name}\`: ${alert}.`]));
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
