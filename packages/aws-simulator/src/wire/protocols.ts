import type { AwsError } from './errors.js';
import type { Protocol } from './service.js';
import { xml } from './xml.js';

/** An HTTP answer. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What an answer repeats of its call. */
interface Answered {
  protocol: Protocol;
  operation: string;
  requestId: string;
}

/** An operation without output answers with nothing (awsJson), or without a result (query). */
export function answerWith(output: object | undefined, { protocol, operation, requestId }: Answered): Answer {
  if ('json' in protocol) {
    const body = output === undefined ? '' : JSON.stringify(withEpochSeconds(output));
    return { status: 200, headers: jsonHeaders(protocol.json, requestId), body };
  }
  const result = output === undefined ? '' : `<${operation}Result>${xml(output)}</${operation}Result>`;
  const body = `<${operation}Response xmlns="${protocol.namespace}">${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`;
  return { status: 200, headers: xmlHeaders(requestId), body };
}

export function errorAnswer(error: AwsError, { protocol, requestId }: Omit<Answered, 'operation'>): Answer {
  if ('json' in protocol) return jsonError(error, protocol.json, requestId);
  const fault = error.status < 500 ? 'Sender' : 'Receiver';
  const details = xml({ Type: fault, Code: error.code, Message: error.message, ...error.members });
  const body = `<ErrorResponse xmlns="${protocol.namespace}"><Error>${details}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status: error.status, headers: xmlHeaders(requestId), body };
}

/** What a gateway sends. */
export function htmlAnswer(status: number): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!doctype html>\n<html><head><title>500 Internal Server Error</title></head><body><h1>Internal Server Error</h1></body></html>\n',
  };
}

const jsonHeaders = (version: string, requestId: string): Record<string, string> => ({
  'content-type': `application/x-amz-json-${version}`,
  'x-amzn-requestid': requestId,
});

const xmlHeaders = (requestId: string): Record<string, string> => ({ 'content-type': 'text/xml', 'x-amzn-requestid': requestId });

/** `__type`, and for services that came from the query protocol their old code in a header. */
function jsonError(error: AwsError, version: '1.0' | '1.1', requestId: string): Answer {
  const member = version === '1.0' ? 'message' : 'Message';
  return {
    status: error.status,
    headers: {
      ...jsonHeaders(version, requestId),
      ...(error.queryCode === undefined
        ? {}
        : { 'x-amzn-query-error': `${error.queryCode};${error.status < 500 ? 'Sender' : 'Receiver'}` }),
    },
    body: JSON.stringify({ __type: error.code, [member]: error.message, ...error.members }),
  };
}

/** awsJson: dates are epoch seconds. */
function withEpochSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withEpochSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withEpochSeconds(member)]));
}
