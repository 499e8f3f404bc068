import type { StsResult } from '../sts/operations.js';
import type { AwsError } from './errors.js';

/** An HTTP answer. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export type JsonVersion = '1.0' | '1.1';

const jsonHeaders = (version: JsonVersion, requestId: string): Record<string, string> => ({
  'content-type': `application/x-amz-json-${version}`,
  'x-amzn-requestid': requestId,
});

/** awsJson: dates are epoch seconds; operations without output answer with nothing. */
export function jsonAnswer(output: object | undefined, version: JsonVersion, requestId: string): Answer {
  const body = output === undefined ? '' : JSON.stringify(withEpochSeconds(output));
  return { status: 200, headers: jsonHeaders(version, requestId), body };
}

/** awsJson error: `__type`, and for services that came from the query protocol their old code in a header. */
export function jsonError(error: AwsError, version: JsonVersion, requestId: string): Answer {
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

const stsNamespace = 'https://sts.amazonaws.com/doc/2011-06-15/';
const xmlHeaders = (requestId: string): Record<string, string> => ({ 'content-type': 'text/xml', 'x-amzn-requestid': requestId });

export function queryAnswer(action: string, result: StsResult, requestId: string): Answer {
  const body = `<${action}Response xmlns="${stsNamespace}"><${action}Result>${xml(result)}</${action}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, headers: xmlHeaders(requestId), body };
}

export function queryError(error: AwsError, requestId: string): Answer {
  const details = xml({ Type: error.status < 500 ? 'Sender' : 'Receiver', Code: error.code, Message: error.message });
  const body = `<ErrorResponse xmlns="${stsNamespace}"><Error>${details}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status: error.status, headers: xmlHeaders(requestId), body };
}

export function htmlAnswer(status: number): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!doctype html>\n<html><head><title>500 Internal Server Error</title></head><body><h1>Internal Server Error</h1></body></html>\n',
  };
}

function xml(result: StsResult): string {
  return Object.entries(result)
    .map(([name, value]) => `<${name}>${typeof value === 'string' ? escaped(value) : xml(value)}</${name}>`)
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function withEpochSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withEpochSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withEpochSeconds(member)]));
}
