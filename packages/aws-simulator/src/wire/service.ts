import type { SimulatedAws } from '../simulated-aws.js';
import type { Caller } from '../sts/caller.js';
import type { AwsError } from './errors.js';

/** A call whose caller is known and admitted. */
export interface ServiceCall {
  aws: SimulatedAws;
  caller: Caller;
  /** Of the signature's scope. */
  region: string;
  /** Members as the service has them, UpperCamelCase, unchecked. In the query protocol all values are texts, or lists or objects of such. */
  input: Readonly<Record<string, unknown>>;
  /** Aborted when the client hangs up. */
  signal: AbortSignal;
}

export interface ServiceOperation {
  /** Roles that are said to read may do the reads, others need more. */
  kind: 'read' | 'write';
  /** The IAM action, where it is not the operation's name, as for the batches of SQS. */
  action?: string;
  /** Actions that AWS asks for besides, for what the call says: the tags of what is made. */
  alsoNeeds?: (call: ServiceCall) => readonly string[];
  /** It needs no permission. */
  free?: true;
  /** It looks at permissions itself, and at what is set to be denied. */
  admitsItself?: true;
  /** The ARN that policies are asked for; absent: `*`. */
  resourceOf?: (call: ServiceCall) => string;
  /** Answers with the API's shape, or with nothing. Throws `AwsError`. */
  run: (call: ServiceCall) => object | undefined | Promise<object | undefined>;
}

/** How a service says what they all say. */
export interface ServiceErrors {
  /** Of credentials: codes, and their HTTP status. `skewed`: signed too long ago, or too far ahead. */
  credentials: { missing: string; unknown: string; expired: string; skewed: string; status: number };
  /** Codes of the query protocol go along, in the header that SQS has for them. */
  keepsQueryCodes?: true;
  unknownOperation: string;
  denied: (message: string) => AwsError;
  broken: () => AwsError;
  slowDown: () => AwsError;
}

/** awsJson: told by the header `x-amz-target`. Query: a form in, XML out, told by the scope of the signature, or else by the version. */
export type Protocol = { json: '1.0' | '1.1'; target: string } | { query: string; namespace: string };

/** One service of the simulated AWS, as the wire needs to know it. */
export interface Service {
  /** In the scope of signatures. */
  name: string;
  /** What its IAM actions begin with. */
  actions: string;
  protocol: Protocol;
  errors: ServiceErrors;
  operations: ReadonlyMap<string, ServiceOperation>;
}

/** Operations by name, from an object. */
export const operationsOf = (table: Readonly<Record<string, ServiceOperation>>): ReadonlyMap<string, ServiceOperation> =>
  new Map(Object.entries(table));
