import { isObject } from '../iam/policy-document.js';
import { ApiDestinations } from './api-destinations.js';
import { invalid, limitExceeded, notFound } from './event-bridge-errors.js';
import { patternTest, type PatternTest } from './pattern.js';

export type RuleState = 'ENABLED' | 'DISABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

/** What is simulated of a target. Without `input` and `inputPath` the message is the event as it is. */
export interface RuleTarget {
  readonly id: string;
  readonly arn: string;
  readonly roleArn?: string;
  /** ARN of the queue for what could not be delivered. */
  readonly deadLetterArn?: string;
  /** JSON that is sent instead of every event. */
  readonly input?: string;
  /** The part of the event that is sent: `$.detail`. */
  readonly inputPath?: string;
  /** As it was put, and is shown. */
  readonly retryPolicy?: Readonly<Record<string, unknown>>;
}

export interface RuleSettings {
  name: string;
  pattern: string;
  state?: RuleState;
  description?: string | undefined;
  roleArn?: string | undefined;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  pattern: string;
  matches: PatternTest;
  state: RuleState;
  description: string | undefined;
  roleArn: string | undefined;
  readonly targets: Map<string, RuleTarget>;
  readonly tags: Map<string, string>;
}

/** A statement of the bus's policy, unchecked but for its `Sid`. */
export interface BusStatement {
  readonly Sid: string;
  readonly [member: string]: unknown;
}

interface Place {
  readonly partition: string;
  readonly accountId: string;
  readonly region: string;
}

const mostTargets = 5;
const mostRules = 300;

/** The default event bus of one account in one Region. */
export class EventBus {
  readonly name = 'default';
  readonly apiDestinations: ApiDestinations;
  readonly #place: Place;
  readonly #rules = new Map<string, Rule>();
  #statements: readonly BusStatement[] = [];

  constructor(place: Place, now: () => number) {
    this.#place = place;
    this.apiDestinations = new ApiDestinations(this.arnPrefix, now);
  }

  get accountId(): string {
    return this.#place.accountId;
  }

  get region(): string {
    return this.#place.region;
  }

  /** Of everything of EventBridge in this account and Region. */
  get arnPrefix(): string {
    const { partition, region, accountId } = this.#place;
    return `arn:${partition}:events:${region}:${accountId}`;
  }

  get arn(): string {
    return this.#arn('event-bus/default');
  }

  ruleArn(name: string): string {
    return this.#arn(`rule/${name}`);
  }

  /** In the order of names. */
  get rules(): Rule[] {
    return [...this.#rules.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Makes a rule, or replaces what one says; its targets and tags stay. */
  putRule({ name, pattern, state = 'ENABLED', description, roleArn }: RuleSettings): Rule {
    if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) throw invalid(`Value '${name}' at 'name' failed to satisfy constraint.`);
    const matches = patternTest(pattern);
    const there = this.#rules.get(name);
    if (there !== undefined) return Object.assign(there, { pattern, matches, state, description, roleArn });
    if (this.#rules.size >= mostRules) throw limitExceeded('The requested resource exceeds the maximum number allowed.');
    const targets = new Map<string, RuleTarget>();
    const rule = { name, arn: this.ruleArn(name), pattern, matches, state, description, roleArn, targets, tags: new Map() };
    this.#rules.set(name, rule);
    return rule;
  }

  rule(name: string): Rule {
    const rule = this.#rules.get(name);
    if (rule === undefined) throw notFound(`Rule ${name} does not exist on EventBus ${this.name}.`);
    return rule;
  }

  /** One that is not there is as good as deleted. */
  deleteRule(name: string): void {
    if ((this.#rules.get(name)?.targets.size ?? 0) > 0) throw invalid("Rule can't be deleted since it has targets.");
    this.#rules.delete(name);
  }

  /** Adds targets, or replaces those of the same ids. All or none. */
  putTargets(ruleName: string, targets: readonly RuleTarget[]): void {
    const rule = this.rule(ruleName);
    for (const { id, arn, roleArn } of targets) {
      if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(id)) throw invalid(`Value '${id}' at 'targets.id' failed to satisfy constraint.`);
      const [, , service, region, accountId] = arn.split(':');
      if (!/^arn:[\w-]+:[\w-]+:/.test(arn))
        throw invalid(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
      if (service === 'sqs' && region !== this.region) {
        throw invalid(`Parameter ${arn} is not valid. Reason: The queue is in another Region than the rule.`);
      }
      const needsRole = service === 'events' && (accountId !== this.accountId || isApiDestination(arn));
      if (needsRole && roleArn === undefined) {
        throw invalid(`RoleArn is required for target ${arn}.`);
      }
    }
    const ids = new Set([...rule.targets.keys(), ...targets.map(({ id }) => id)]);
    if (ids.size > mostTargets) throw limitExceeded('The requested resource exceeds the maximum number allowed.');
    for (const target of targets) rule.targets.set(target.id, target);
  }

  removeTargets(ruleName: string, ids: readonly string[]): void {
    const { targets } = this.rule(ruleName);
    for (const id of ids) targets.delete(id);
  }

  get statements(): readonly BusStatement[] {
    return this.#statements;
  }

  /** Of the same `Sid` the last one stands. */
  putStatement(statement: BusStatement): void {
    this.#statements = [...this.#statements.filter(({ Sid }) => Sid !== statement.Sid), statement];
  }

  removeStatement(sid: string): void {
    const rest = this.#statements.filter(({ Sid }) => Sid !== sid);
    if (rest.length === this.#statements.length) throw notFound(`Statement with the provided id does not exist.`);
    this.#statements = rest;
  }

  /** Replaces all statements by those of a policy, or by none. */
  setPolicy(policy: string | undefined): void {
    if (policy === undefined) {
      this.#statements = [];
      return;
    }
    const statements = statementsIn(policy);
    if (!statements.every((statement) => typeof statement['Sid'] === 'string')) throw invalid('Statements need a Sid.');
    this.#statements = statements as BusStatement[];
  }

  /** As text, where there is one. */
  get policy(): string | undefined {
    return this.#statements.length === 0 ? undefined : JSON.stringify({ Version: '2012-10-17', Statement: this.#statements });
  }

  #arn(resource: string): string {
    return `${this.arnPrefix}:${resource}`;
  }
}

/** By its ARN: `arn:…:api-destination/<name>/<uuid>`. */
export const isApiDestination = (arn: string): boolean => /^arn:[\w-]+:events:[^:]*:\d{12}:api-destination\//.test(arn);

function statementsIn(policy: string): Record<string, unknown>[] {
  try {
    const document: unknown = JSON.parse(policy);
    const statements = isObject(document) ? [document['Statement']].flat() : [];
    if (statements.length > 0 && statements.every(isObject)) return statements;
  } catch {
    // Told below, in the words for every policy that is none.
  }
  throw invalid('Policy is not valid.');
}
