import { z } from 'zod';
import { secret } from './config.js';

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** The part of an environment that traces need, under OpenTelemetry's own names: to be spread into the schema of one. */
export const tracingVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Collector of OpenTelemetry, for example http://collector:4318: traces go to /v1/traces below it, as JSON over HTTP. Absent: no traces',
    ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('The whole address for traces, where it is another one'),
  OTEL_EXPORTER_OTLP_HEADERS: secret(z.string())
    .optional()
    .describe('Sent with traces, `name=value,…`. A secret: better as OTEL_EXPORTER_OTLP_HEADERS_FILE'),
  OTEL_SERVICE_NAME: z.string().min(1).optional().describe("`service.name` of the traces. Absent: the service's own name"),
  OTEL_TRACES_SAMPLER: z
    .enum(samplers)
    .default('parentbased_always_on')
    .describe(`Which traces are kept: ${samplers.map((name) => `\`${name}\``).join(', ')}`),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('a share from 0 to 1, for example 0.01')
    .min(0)
    .max(1)
    .default(1)
    .describe('Share of the traces that the samplers with `ratio` keep'),
};

export type TracingEnvironment = z.infer<z.ZodObject<typeof tracingVariables>>;
