import { z } from 'zod';
import type { KafkaBusOptions } from './kafka-bus.js';

const pem = (what: string) => z.string().startsWith('-----BEGIN ', `${what} is PEM: it begins with -----BEGIN`);

/** Kafka's part of an environment: to be spread into the schema of one, with `checkKafka` as its refinement. */
export const kafkaVariables = {
  KAFKA_BROKERS: z.string().optional().describe('Comma-separated host:port. Absent: the bus runs in the database'),
  KAFKA_TLS: z.stringbool().default(false).describe('Whether to speak TLS with the brokers'),
  KAFKA_TLS_CA: pem('a CA').optional().describe("CA of the brokers' certificates, PEM. Absent: those that Node trusts"),
  KAFKA_TLS_CERT: pem('a certificate').optional().describe('Client certificate, PEM, for brokers that ask for one'),
  KAFKA_TLS_KEY: pem('a key').optional().meta({ secret: true }).describe('Its key, PEM. A secret: better as KAFKA_TLS_KEY_FILE'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe('How to sign in: `plain` (with TLS only), `scram-sha-256` or `scram-sha-512`. Absent: not at all'),
  KAFKA_SASL_USERNAME: z.string().min(1).optional().describe('Who signs in'),
  KAFKA_SASL_PASSWORD: z
    .string()
    .min(1)
    .optional()
    .meta({ secret: true })
    .describe('The password. A secret: better as KAFKA_SASL_PASSWORD_FILE'),
};

export type KafkaEnvironment = z.infer<z.ZodObject<typeof kafkaVariables>>;

/** What would silently not be used, or would send a password in the clear, is refused. */
export function checkKafka(environment: KafkaEnvironment, context: z.RefinementCtx): void {
  const refuse = (name: keyof KafkaEnvironment, message: string): void =>
    context.addIssue({ code: 'custom', path: [name], message });
  const { KAFKA_BROKERS: brokers, KAFKA_TLS: tls, KAFKA_SASL_MECHANISM: mechanism } = environment;
  const given = (Object.keys(kafkaVariables) as (keyof KafkaEnvironment)[]).filter(
    (name) => environment[name] !== undefined && environment[name] !== false,
  );
  const first = given.find((name) => name !== 'KAFKA_BROKERS');
  if (brokers === undefined && first !== undefined) refuse(first, 'needs KAFKA_BROKERS: without it the bus runs in the database');
  for (const name of ['KAFKA_TLS_CA', 'KAFKA_TLS_CERT', 'KAFKA_TLS_KEY'] as const)
    if (given.includes(name) && !tls) refuse(name, 'needs KAFKA_TLS=true');
  if (given.includes('KAFKA_TLS_CERT') && !given.includes('KAFKA_TLS_KEY')) refuse('KAFKA_TLS_CERT', 'needs KAFKA_TLS_KEY');
  if (given.includes('KAFKA_TLS_KEY') && !given.includes('KAFKA_TLS_CERT')) refuse('KAFKA_TLS_KEY', 'needs KAFKA_TLS_CERT');
  for (const name of ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const) {
    if (mechanism !== undefined && !given.includes(name)) refuse('KAFKA_SASL_MECHANISM', `needs ${name}`);
    if (mechanism === undefined && given.includes(name)) refuse(name, 'needs KAFKA_SASL_MECHANISM');
  }
  if (mechanism === 'plain' && !tls)
    refuse('KAFKA_SASL_MECHANISM', 'plain sends the password as it is: set KAFKA_TLS=true, or use scram-sha-512');
}

/** Undefined where no brokers are named: then the bus runs in the database. */
export function kafkaConnectionOf(environment: KafkaEnvironment): Pick<KafkaBusOptions, 'brokers' | 'ssl' | 'sasl'> | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = environment;
  if (environment.KAFKA_BROKERS === undefined) return undefined;
  const { KAFKA_TLS_CA: ca, KAFKA_TLS_CERT: cert, KAFKA_TLS_KEY: key } = environment;
  return {
    brokers: environment.KAFKA_BROKERS.split(',').map((broker) => broker.trim()),
    ...(environment.KAFKA_TLS ? { ssl: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } } : {}),
    // One mechanism at a time: kafkajs's type is a union of theirs.
    ...(mechanism && username && password ? { sasl: { mechanism, username, password } as KafkaBusOptions['sasl'] & object } : {}),
  };
}
