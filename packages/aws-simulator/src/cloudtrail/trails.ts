import { AwsError } from '../wire/errors.js';
import { everyManagementEvent, logsWritesOf, type Selectors } from './selectors.js';

/** A trail of CloudTrail, as far as it decides which events there are. */
export interface Trail {
  readonly name: string;
  readonly arn: string;
  readonly accountId: string;
  readonly homeRegion: string;
  readonly bucket: string;
  readonly isMultiRegion: boolean;
  readonly isOrganizationTrail: boolean;
  readonly includesGlobalEvents: boolean;
  selectors: Selectors;
  logging: boolean;
  startedAt?: number;
  stoppedAt?: number;
}

export type TrailSettings = Pick<Trail, 'name' | 'accountId' | 'homeRegion' | 'bucket'> &
  Partial<Pick<Trail, 'isMultiRegion' | 'isOrganizationTrail' | 'includesGlobalEvents'>>;

interface Collaborators {
  partition: string;
  now: () => number;
  /** Whether an account is in the organization, where organization trails log. */
  isMember: (accountId: string) => boolean;
}

/** Trails of all accounts. */
export class Trails {
  readonly #with: Collaborators;
  readonly #trails = new Map<string, Trail>();

  constructor(collaborators: Collaborators) {
    this.#with = collaborators;
  }

  /** A new trail does not log before it is started. */
  create({ isMultiRegion = false, isOrganizationTrail = false, includesGlobalEvents = true, ...settings }: TrailSettings): Trail {
    const { name, accountId, homeRegion } = settings;
    const arn = `arn:${this.#with.partition}:cloudtrail:${homeRegion}:${accountId}:trail/${name}`;
    if (!/^[A-Za-z0-9][\w.-]{1,126}[A-Za-z0-9]$/.test(name))
      throw new AwsError('InvalidTrailNameException', `Not a name of a trail: ${name}`);
    if (this.#trails.has(arn))
      throw new AwsError('TrailAlreadyExistsException', `Trail ${name} already exists for customer: ${accountId}`);
    if (isMultiRegion && !includesGlobalEvents) {
      throw new AwsError('InvalidParameterCombinationException', 'Multi-Region trail must include global service events.');
    }
    const flags = { isMultiRegion, isOrganizationTrail, includesGlobalEvents };
    const trail: Trail = { ...settings, ...flags, arn, selectors: everyManagementEvent, logging: false };
    this.#trails.set(arn, trail);
    return trail;
  }

  start(trail: Trail): void {
    trail.logging = true;
    trail.startedAt = this.#with.now();
  }

  stop(trail: Trail): void {
    trail.logging = false;
    trail.stoppedAt = this.#with.now();
  }

  delete({ arn }: Trail): void {
    this.#trails.delete(arn);
  }

  /** What an account sees in a Region. Shadows: trails of other Regions, and of the organization, that log here too. */
  seenBy(accountId: string, region: string, { shadows = true } = {}): Trail[] {
    return [...this.#trails.values()].filter((trail) =>
      shadows ? this.#logsIn(trail, accountId, region) : trail.accountId === accountId && trail.homeRegion === region,
    );
  }

  /** By ARN, or by the name of one that an account sees in a Region. */
  find(accountId: string, region: string, nameOrArn: string): Trail {
    const trail = this.seenBy(accountId, region).find(
      ({ name, arn }) => nameOrArn === (nameOrArn.startsWith('arn:') ? arn : name),
    );
    if (trail === undefined)
      throw new AwsError('TrailNotFoundException', `Unknown trail: ${nameOrArn} for the user: ${accountId}`);
    return trail;
  }

  /** Whether the writes of a service become events of this account and Region. */
  logsWrites(accountId: string, region: string, eventSource: string): boolean {
    return this.seenBy(accountId, region).some(({ logging, selectors }) => logging && logsWritesOf(selectors, eventSource));
  }

  #logsIn(trail: Trail, accountId: string, region: string): boolean {
    const ofAccount = trail.accountId === accountId || (trail.isOrganizationTrail && this.#with.isMember(accountId));
    return ofAccount && (trail.isMultiRegion || trail.homeRegion === region);
  }
}
