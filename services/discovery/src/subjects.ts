/**
 * What is observed, and the pieces that are read on their own. A subject key is text: it is the primary key of observed
 * subjects and refresh requests, and the owner of rows in the graph.
 */

/** `integration` (what concerns the whole scope), `organization`, `root:r-…`, `ou:ou-…`, `account:<12 digits>`, `delegation:<12 digits>`, `invitation:h-…`. */
export type SubjectKey = string & { readonly __brand: 'SubjectKey' };

export type SubjectKind = 'integration' | 'organization' | 'root' | 'ou' | 'account' | 'delegation' | 'invitation';

/** A part is read by its own call, and carries its own version. */
export type Part = 'core' | 'placement' | 'tags';

/** The parts that make a subject of a kind whole. The compiler asks for every kind. */
export const partsOf: Record<SubjectKind, readonly Part[]> = {
  integration: ['core'],
  organization: ['core'],
  root: ['core', 'tags'],
  ou: ['core', 'placement', 'tags'],
  account: ['core', 'placement', 'tags'],
  delegation: ['core'],
  invitation: ['core'],
};

/** Not read from AWS: what the writer has to do with the whole scope. */
export const integrationSubject = 'integration' as SubjectKey;
export const organizationSubject = 'organization' as SubjectKey;

export function subjectKey(kind: Exclude<SubjectKind, 'integration' | 'organization'>, id: string): SubjectKey {
  return `${kind}:${id}` as SubjectKey;
}

/** Shape of the ids that AWS documents: root `r-[0-9a-z]{4,32}`, OU `ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}`, handshake `h-[0-9a-z]{8,32}`. */
export const idPatterns = {
  account: /^\d{12}$/,
  root: /^r-[0-9a-z]{4,32}$/,
  ou: /^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$/,
  handshake: /^h-[0-9a-z]{8,32}$/,
  organization: /^o-[a-z0-9]{10,32}$/,
} as const;

export function parseSubjectKey(key: string): { kind: SubjectKind; id: string } {
  if (key === organizationSubject) return { kind: 'organization', id: '' };
  if (key === integrationSubject) return { kind: 'integration', id: '' };
  const separator = key.indexOf(':');
  const kind = key.slice(0, separator) as SubjectKind;
  if (separator < 1 || !(kind in partsOf) || kind === 'organization' || kind === 'integration')
    throw new Error(`Not a subject key: ${key}`);
  return { kind, id: key.slice(separator + 1) };
}

/** The subject that an Organizations resource id names (an account, an OU or a root), if it is one of ours (a policy is not). */
export function subjectOfResource(resourceId: string): SubjectKey | undefined {
  if (idPatterns.account.test(resourceId)) return subjectKey('account', resourceId);
  if (idPatterns.ou.test(resourceId)) return subjectKey('ou', resourceId);
  if (idPatterns.root.test(resourceId)) return subjectKey('root', resourceId);
  return undefined;
}
