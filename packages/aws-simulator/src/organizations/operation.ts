import type { Behaviours } from '../behaviours.js';
import type { EventSource } from '../events/record.js';
import type { OrganizationView } from '../model/view.js';
import type { Caller } from '../sts/caller.js';
import type { Input } from '../wire/fields.js';
import type { World } from '../world.js';

/**
 * Who may call, beside the management account: any account of the organization, or any account at all. By default delegated
 * administrators may read, and nobody else may do anything.
 */
export type Callers = 'members' | 'anyone';

/** What a read may look at. */
export interface ReadContext {
  readonly world: World;
  /** The organization as this read sees it, perhaps a moment old. */
  readonly view: OrganizationView;
  readonly behaviours: Behaviours;
  readonly caller: Caller;
}

export interface ReadOperation {
  readonly kind: 'read';
  readonly callers?: Callers;
  /** Answers with the API's shape. */
  readonly run: (context: ReadContext, input: Input) => object;
}

export interface WriteContext {
  readonly world: World;
  readonly caller: Caller;
}

export interface Written {
  /** The API's answer; absent where AWS answers with nothing. */
  output?: object;
  /** What AWS does after it answered, told by events of its own. */
  afterwards?: () => void;
}

export interface WriteOperation {
  readonly kind: 'write';
  readonly callers?: Callers;
  /** Who logs the call. Default Organizations. */
  readonly source?: EventSource;
  /** Checks everything, then changes everything: it throws before the first change, or not at all. */
  readonly run: (context: WriteContext, input: Input) => Written;
  /** The request as CloudTrail shows it; default as it came. */
  readonly requestParameters?: (input: Input, behaviours: Behaviours) => unknown;
  /** The answer as CloudTrail shows it, from its lowerCamelCase form; default as it is. */
  readonly responseElements?: (output: Input) => unknown;
}

export type Operation = ReadOperation | WriteOperation;

export const read = (run: ReadOperation['run'], options: Pick<ReadOperation, 'callers'> = {}): ReadOperation => ({
  kind: 'read',
  run,
  ...options,
});

export const write = (run: WriteOperation['run'], options: Omit<WriteOperation, 'kind' | 'run'> = {}): WriteOperation => ({
  kind: 'write',
  run,
  ...options,
});
