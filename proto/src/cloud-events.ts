/** CloudEvents 1.0.2, Kafka binding, binary mode: attributes are headers `ce_…`, the value is the data alone. */
export interface CloudEventAttributes {
  /** Unique within the source. */
  id: string;
  source: string;
  type: string;
  time: Date;
  subject: string;
  /** W3C trace context. */
  traceparent?: string | undefined;
}

export function cloudEventHeaders(attributes: CloudEventAttributes): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: attributes.id,
    ce_source: attributes.source,
    ce_type: attributes.type,
    ce_time: attributes.time.toISOString(),
    ce_subject: attributes.subject,
    'content-type': 'application/protobuf',
    ...(attributes.traceparent === undefined ? {} : { traceparent: attributes.traceparent }),
  };
}

/** The trace context of a record, to be passed on. */
export function traceparentOf(headers: Readonly<Record<string, Uint8Array | undefined>>): string | undefined {
  const value = headers['traceparent'];
  return value === undefined ? undefined : new TextDecoder().decode(value);
}
