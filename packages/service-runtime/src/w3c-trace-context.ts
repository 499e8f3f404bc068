import { isSpanContextValid, trace, TraceFlags, type Context, type TextMapPropagator } from '@opentelemetry/api';

/** Version 00 and, as the recommendation asks, what later versions begin with. */
const form = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-.*)?$/;

/** `traceparent` of the W3C's Trace Context. `tracestate` is for vendors, and not passed on. */
export const w3cTraceContext: TextMapPropagator = {
  fields: () => ['traceparent'],
  inject: (context, carrier, setter) => {
    const span = trace.getSpanContext(context);
    if (!span || !isSpanContextValid(span)) return;
    const flags = (span.traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0');
    setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-${flags}`);
  },
  extract: (context, carrier, getter): Context => {
    const given = getter.get(carrier, 'traceparent');
    const [, traceId, spanId, flags] = form.exec(typeof given === 'string' ? given : '') ?? [];
    if (traceId === undefined || spanId === undefined || flags === undefined) return context;
    const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
    return isSpanContextValid(remote) ? trace.setSpanContext(context, remote) : context;
  },
};
