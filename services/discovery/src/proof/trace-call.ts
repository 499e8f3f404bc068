import type { CallReport } from '@orgtrail/aws';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** A span for a call of AWS that just ended, below what made it. A call that nothing traced asked for has none. */
export function traceCall({ operation, outcome, milliseconds }: CallReport): void {
  if (trace.getActiveSpan()?.isRecording() !== true) return;
  const endedAt = Date.now();
  const span = trace.getTracer('orgtrail').startSpan(operation, {
    kind: SpanKind.CLIENT,
    startTime: endedAt - milliseconds,
    attributes: { 'rpc.system': 'aws-api', 'rpc.method': operation, ...(outcome === 'ok' ? {} : { 'error.type': outcome }) },
  });
  // A not-found is an answer.
  if (outcome !== 'ok' && outcome !== 'not-found') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endedAt);
}
