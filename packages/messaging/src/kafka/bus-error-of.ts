import { BusError, type BusErrorCode } from '../port.js';

/** kafkajs errors carry `type` (the protocol error's name) and `retriable`, wrapped into each other by `cause`. */
interface KafkaJsError extends Error {
  type?: unknown;
  retriable?: unknown;
  /** Node's, where a connection failed. */
  code?: unknown;
}

const codesByType: Partial<Record<string, BusErrorCode>> = {
  MESSAGE_TOO_LARGE: 'RECORD_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'RECORD_TOO_LARGE',
  UNKNOWN_TOPIC_OR_PARTITION: 'UNKNOWN_TOPIC',
};

/** The one translation from kafkajs's errors to the port's. */
export function busErrorOf(error: unknown, doing: string): BusError {
  if (error instanceof BusError) return error;
  const chain = causesOf(error);
  const reason = reasonOf(error);
  for (const { type } of chain) {
    const code = typeof type === 'string' ? codesByType[type] : undefined;
    if (code) return new BusError(`Kafka: ${doing} failed: ${reason}`, { code, retriable: false, cause: error });
  }
  // "Retries exceeded" calls itself not retriable; what it wraps says what is really the matter.
  return chain.some(({ retriable }) => retriable === true)
    ? new BusError(`Kafka: ${doing} failed, no answer or not now: ${reason}`, {
        code: 'BUS_UNREACHABLE',
        retriable: true,
        cause: error,
      })
    : new BusError(`Kafka: ${doing} was refused: ${reason}`, { code: 'BUS_REFUSED', retriable: false, cause: error });
}

/** What lies at the bottom of it, in words. */
export const reasonOf = (error: unknown): string => causesOf(error).at(-1)?.message ?? String(error);

/** True when the broker no longer knows this producer's sequence, or says that the batch is already there. A new producer can go on. */
export function producerStateWasLost(error: unknown): boolean {
  const types = ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH', 'DUPLICATE_SEQUENCE_NUMBER'];
  return causesOf(error).some(({ type }) => typeof type === 'string' && types.includes(type));
}

/** True when a broker answered, and did not accept our credentials: waiting does not help. */
export function wasNotLetIn(error: unknown): boolean {
  return causesOf(error).some(({ name }) => name === 'KafkaJSSASLAuthenticationError');
}

/** Why a broker's certificate is not accepted, in Node's words; undefined when that is not the matter. */
export function untrustedCertificate(error: unknown): string | undefined {
  const codes = /^(UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|CERT_|ERR_TLS_CERT_ALTNAME_INVALID)/;
  return causesOf(error).find(({ code }) => typeof code === 'string' && codes.test(code))?.message;
}

function causesOf(error: unknown): KafkaJsError[] {
  const chain: KafkaJsError[] = [];
  for (let link: unknown = error; link instanceof Error && chain.length < 8; link = link.cause) chain.push(link);
  return chain;
}
