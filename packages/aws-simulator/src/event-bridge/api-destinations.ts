import { randomUUID } from 'node:crypto';
import { AwsError } from '../wire/errors.js';
import { invalid, notFound } from './event-bridge-errors.js';

/** How EventBridge shows itself to an API: with a key in a header. Other ways are not simulated. */
export interface Connection {
  readonly name: string;
  readonly arn: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  modifiedAt: number;
  description: string | undefined;
  header: string;
  /** Secret: no answer shows it. */
  value: string;
}

export interface ApiDestination {
  readonly name: string;
  readonly arn: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  modifiedAt: number;
  description: string | undefined;
  connectionArn: string;
  endpoint: string;
  method: string;
  invocationsPerSecond: number;
}

type ConnectionSettings = Pick<Connection, 'name' | 'description' | 'header' | 'value'>;
type DestinationSettings = Omit<ApiDestination, 'arn' | 'createdAt' | 'modifiedAt'>;

/** Where EventBridge may post events to, of one account in one Region. */
export class ApiDestinations {
  readonly #arnPrefix: string;
  readonly #now: () => number;
  readonly #connections = new Map<string, Connection>();
  readonly #destinations = new Map<string, ApiDestination>();

  /** `arnPrefix`: `arn:aws:events:<region>:<account>`. */
  constructor(arnPrefix: string, now: () => number) {
    this.#arnPrefix = arnPrefix;
    this.#now = now;
  }

  get connections(): Connection[] {
    return inOrder(this.#connections);
  }

  get destinations(): ApiDestination[] {
    return inOrder(this.#destinations);
  }

  createConnection(settings: ConnectionSettings): Connection {
    return this.#create(this.#connections, 'connection', settings);
  }

  createDestination(settings: DestinationSettings): ApiDestination {
    this.connectionOf(settings);
    return this.#create(this.#destinations, 'api-destination', settings);
  }

  connection(name: string): Connection {
    return named(this.#connections, name, 'Connection');
  }

  destination(name: string): ApiDestination {
    return named(this.#destinations, name, 'Api-destination');
  }

  connectionOf({ connectionArn }: Pick<ApiDestination, 'connectionArn'>): Connection {
    const connection = this.connections.find(({ arn }) => arn === connectionArn);
    if (connection === undefined) throw notFound(`Connection ${connectionArn} does not exist.`);
    return connection;
  }

  change<T extends Connection | ApiDestination>(there: T, changes: Partial<T>): T {
    return Object.assign(there, changes, { modifiedAt: this.#now() });
  }

  deleteConnection(name: string): Connection {
    const connection = this.connection(name);
    this.#connections.delete(name);
    return connection;
  }

  deleteDestination(name: string): void {
    this.destination(name);
    this.#destinations.delete(name);
  }

  #create<T extends { name: string }>(
    table: Map<string, T & { arn: string; createdAt: number; modifiedAt: number }>,
    kind: string,
    settings: T,
  ) {
    const { name } = settings;
    if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) throw invalid(`Value '${name}' at 'name' failed to satisfy constraint.`);
    if (table.has(name)) throw new AwsError('ResourceAlreadyExistsException', `Resource ${name} already exists.`);
    const now = this.#now();
    const made = { ...settings, arn: `${this.#arnPrefix}:${kind}/${name}/${randomUUID()}`, createdAt: now, modifiedAt: now };
    table.set(name, made);
    return made;
  }
}

const inOrder = <T extends { name: string }>(table: ReadonlyMap<string, T>): T[] =>
  [...table.values()].sort((left, right) => (left.name < right.name ? -1 : 1));

function named<T>(table: ReadonlyMap<string, T>, name: string, what: string): T {
  const there = table.get(name);
  if (there === undefined) throw notFound(`${what} ${name} does not exist.`);
  return there;
}
