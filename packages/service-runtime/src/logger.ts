import { isSpanContextValid, trace } from '@opentelemetry/api';
import { pino } from 'pino';
import { scrubFields, scrubText } from './scrub.js';

export type Logger = pino.Logger;

export interface LoggerSettings {
  /** Stands in every line as `service`. */
  service: string;
  /** Default `info`. */
  level?: string;
  /** Default: standard output. */
  destination?: pino.DestinationStream;
}

/** One JSON object per line: `level`, `time` (ISO 8601), `service`, the fields, `msg`, inside a span `trace_id` and `span_id`. Secrets and e-mail addresses are taken out everywhere. */
export function createLogger({ service, level = 'info', destination }: LoggerSettings): Logger {
  const scrubRecord = (fields: Record<string, unknown>): Record<string, unknown> =>
    scrubFields(fields) as Record<string, unknown>;
  const options: pino.LoggerOptions = {
    level,
    base: { service },
    mixin: activeTrace,
    timestamp: pino.stdTimeFunctions.isoTime,
    // `redact` of pino knows exact paths only, and neither texts nor errors: everything goes through one scrubber instead.
    formatters: { level: (label) => ({ level: label }), log: scrubRecord },
    // The scrubber has made a plain object of it already.
    serializers: { err: (error: unknown) => error },
    hooks: {
      logMethod(arguments_, method) {
        const scrubbed = arguments_.map((argument: unknown) => (typeof argument === 'string' ? scrubText(argument) : argument));
        method.apply(this, scrubbed as typeof arguments_);
      },
    },
  };
  // Synchronous, so that the last words of a process that ends are not lost.
  const logger = pino(options, destination ?? pino.destination({ dest: 1, sync: true }));
  // No formatter sees the fields of a child logger. Children inherit this method by their prototype.
  const createChild = logger.child;
  logger.child = function scrubbedChild(this: Logger, bindings, childOptions) {
    return createChild.call(this, scrubRecord(bindings), childOptions);
  } as typeof createChild;
  return logger;
}

/** Nothing outside of a span, and while nobody traces. */
function activeTrace(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}
