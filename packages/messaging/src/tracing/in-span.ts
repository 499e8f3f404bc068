import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type SpanKind,
  type SpanOptions,
} from '@opentelemetry/api';

export interface SpanSettings {
  name: string;
  kind?: SpanKind;
  /** Never an e-mail address, a secret or an external id. */
  attributes?: Attributes;
  /** What it goes on from, as it travelled: one is its parent when no span is active; all others are linked, up to 32. */
  from?: readonly (string | undefined)[];
  /** Whatever span is active is somebody else's: work that is done for several callers together. */
  detached?: boolean;
}

const mostLinks = 32;

/** Runs work inside a span that ends with it. Without a collector there is no span, and this is a call. */
export async function inSpan<T>(settings: SpanSettings, work: (span: Span) => Promise<T>): Promise<T> {
  const { name, kind, attributes, from = [], detached = false } = settings;
  const options: SpanOptions = { ...(kind === undefined ? {} : { kind }), ...(attributes ? { attributes } : {}) };
  let parent = detached ? trace.deleteSpan(context.active()) : context.active();
  // No propagator, no traces: then nothing travelled that is worth reading.
  if (from.length > 0 && propagation.fields().length > 0) {
    const origins = distinct(from);
    if (trace.getSpanContext(parent) === undefined && origins.length === 1) parent = origins[0] ?? parent;
    else
      options.links = origins
        .slice(0, mostLinks)
        .flatMap((origin) => trace.getSpanContext(origin) ?? [])
        .map((context) => ({ context }));
  }
  const span = trace.getTracer('orgtrail').startSpan(name, options, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    // Not its message, which may hold what must not leave.
    const { code, name: type } = (error ?? {}) as { code?: unknown; name?: unknown };
    span.setAttribute('error.type', [code, type].find((one) => typeof one === 'string') ?? 'unknown');
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function distinct(traceparents: readonly (string | undefined)[]) {
  return [...new Set(traceparents)].flatMap((traceparent) => {
    const origin = propagation.extract(ROOT_CONTEXT, { traceparent });
    return trace.getSpanContext(origin) === undefined ? [] : [origin];
  });
}

/** What something carries on: the active span where that is of its own trace, or it has none; else it stays in its trace. */
export function carriedTraceparent(own: string | undefined): string | undefined {
  const active = activeTraceparent();
  if (active === undefined) return own;
  const ownTrace = traceOf(own);
  return ownTrace === undefined || ownTrace === traceOf(active) ? active : own;
}

function traceOf(traceparent: string | undefined): string | undefined {
  return trace.getSpanContext(propagation.extract(ROOT_CONTEXT, { traceparent }))?.traceId;
}

/** The active span as it travels; undefined without one. */
export function activeTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}
