import { effectiveTags, isLive, type AccountCore, type SubjectState, type TagValues } from '../observed/subject-state.js';
import type { IntegrationSettings } from '../integrations/settings.js';
import type {
  AccountFact,
  MemberFacts,
  OrganizationalUnitsFact,
  ScopeFact,
  SkipTagFact,
  TagsFact,
  VerificationFact,
} from './decision-table.js';
import { hasSkipTag } from './skip-tag.js';

/** A root or an organizational unit, as far as members depend on it. */
export interface NodeAbove {
  id: string;
  name: string;
  /** Undefined: never read, not even by the index. */
  tags: TagValues | undefined;
  /** By ListTagsForResource. */
  tagsRead: boolean;
}

export interface MemberSituation {
  state: SubjectState;
  /** Version at which the account (re)appeared after the first full sync; 0: it was there before. */
  appearedVersion: bigint;
  deletionHeld: boolean;
  verification: VerificationFact;
}

export type MemberSettings = Pick<
  IntegrationSettings,
  'skipTag' | 'skipOrganizationalUnits' | 'includeOrganizationalUnits' | 'excludeOrganizationalUnits'
>;

export interface FactsContext {
  settings: MemberSettings;
  /** Live roots and organizational units by id. */
  nodes: ReadonlyMap<string, NodeAbove>;
  /** Tags of a new account count when read so long after it appeared. */
  confirmTagsAfterSeconds: number;
}

/** What is known of a member account, from what was observed and the settings. Pure. */
export function memberFacts(situation: MemberSituation, context: FactsContext): MemberFacts {
  const { state } = situation;
  return {
    account: accountFact(state),
    deletion: situation.deletionHeld ? 'held' : 'none',
    skipTag: skipTagFact(state, context.settings),
    scope: scopeFact(state, context.settings),
    organizationalUnits: skippedNode(state, context).fact,
    tags: tagsFact(situation, context),
    verification: situation.verification,
  };
}

function accountFact(state: SubjectState): AccountFact {
  if (!isLive(state)) return 'gone';
  const stateOfAws = (state.parts.core?.value as AccountCore).state;
  switch (stateOfAws) {
    case 'ACTIVE':
    case 'PENDING_ACTIVATION':
    case 'SUSPENDED':
    case 'PENDING_CLOSURE':
    case 'CLOSED':
      return stateOfAws;
    default:
      return 'other';
  }
}

function skipTagFact(state: SubjectState, { skipTag }: MemberSettings): SkipTagFact {
  const tags = effectiveTags(state);
  if (!tags || !hasSkipTag(tags.values, skipTag)) return 'not-set';
  return tags.fromIndex ? 'set-by-index' : 'set';
}

function scopeFact(state: SubjectState, settings: MemberSettings): ScopeFact {
  const { includeOrganizationalUnits: included, excludeOrganizationalUnits: excluded } = settings;
  if (included.length === 0 && excluded.length === 0) return 'inside';
  const above = state.parts.placement?.value.ancestorIds;
  if (above === undefined) return 'unknown';
  if (excluded.some((id) => above.includes(id))) return 'excluded';
  return included.length === 0 || included.some((id) => above.includes(id)) ? 'inside' : 'not-included';
}

/** The nearest OU above that carries the skip tag, when the option is on. */
export function skippedNode(
  state: SubjectState,
  { settings, nodes }: Pick<FactsContext, 'settings' | 'nodes'>,
): { fact: OrganizationalUnitsFact; node?: NodeAbove } {
  if (!settings.skipOrganizationalUnits) return { fact: 'not-skipped' };
  const above = state.parts.placement?.value.ancestorIds;
  if (above === undefined) return { fact: 'unknown' };
  const known = above.map((id) => nodes.get(id));
  const node = known.findLast((candidate) => candidate?.tags !== undefined && hasSkipTag(candidate.tags, settings.skipTag));
  if (node) return { fact: 'skipped', node };
  // Only tags that were read prove that there is no such tag.
  return { fact: known.every((candidate) => candidate?.tagsRead === true) ? 'not-skipped' : 'unknown' };
}

function tagsFact({ state, appearedVersion }: MemberSituation, { confirmTagsAfterSeconds }: FactsContext): TagsFact {
  const { tags, tagIndex } = state.parts;
  if (tags === undefined) return tagIndex === undefined ? 'unread' : 'index';
  return tags.version < confirmedFrom(appearedVersion, confirmTagsAfterSeconds) ? 'unconfirmed' : 'read';
}

/** Versions are microseconds: the first at which tags of an account that appeared then may start its member. */
export function confirmedFrom(appearedVersion: bigint, confirmTagsAfterSeconds: number): bigint {
  return appearedVersion === 0n ? 0n : appearedVersion + BigInt(Math.round(confirmTagsAfterSeconds * 1e6));
}
