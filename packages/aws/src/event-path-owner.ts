import { eventPathNames } from './event-path-names.js';
import { shellWord } from './shell-word.js';

type Tags = Readonly<Record<string, string>>;

const { tag, integrationTag } = eventPathNames;

/** Of what `enable-events` makes: by what it was made, and for whom. */
export const ownTags = (integrationId: string): Record<string, string> => ({
  [tag.key]: tag.value,
  [integrationTag]: integrationId,
});

/** Two Orgtrails on one queue would each miss events, and each would undo the other: what names another integration is never changed. */
export const isOfAnother = (tags: Tags | undefined, integrationId: string): boolean => {
  const owner = tags?.[integrationTag];
  return owner !== undefined && owner !== integrationId;
};

/** Whose it is, and what can be done. */
export function belongsToAnother(tags: Tags, integrationId: string): string {
  const owner = tags[integrationTag] ?? '';
  const how =
    tags[tag.key] === tag.value ? `\`orgtrail integration enable-events ${shellWord(owner)} --undo\`` : 'by what made it';
  return `it belongs to the integration ${owner}, maybe of another Orgtrail, and is not changed. Take it back there first (${how}), or connect only that one. Where that integration is gone for good, give it the tag ${integrationTag}=${integrationId}.`;
}

/** Undefined for what `enable-events` made for this integration. */
export function whyItStays(tags: Tags, integrationId: string): string | undefined {
  if (isOfAnother(tags, integrationId)) return belongsToAnother(tags, integrationId);
  const stack = tags['aws:cloudformation:stack-name'];
  if (stack !== undefined) return `the stack ${stack} made it. Delete the stack.`;
  const lacking = Object.entries(ownTags(integrationId)).find(([key, value]) => tags[key] !== value);
  return lacking && `it was not made by enable-events for this integration (it lacks the tag ${lacking.join('=')}).`;
}
