import type { Behaviours } from '../behaviours.js';
import { idPatterns } from '../model/ids.js';
import type { Tags } from '../model/records.js';
import { constraintViolation, targetNotFound } from '../wire/errors.js';
import { list, object, optionalText, tags, text, type Input } from '../wire/fields.js';
import { page } from '../wire/pages.js';
import type { World } from '../world.js';
import { read, write } from './operation.js';
import { tagShapes } from './shapes.js';

const maximumTags = 50;

export const listTagsForResource = read(({ world, view }, input) => {
  const resourceId = text(input, 'resourceId', { pattern: idPatterns.taggable });
  const found = view.tagsOf(resourceId);
  if (found === undefined) throw targetNotFound();
  const items = tagShapes(found).sort((left, right) => (left.Key < right.Key ? -1 : 1));
  const shown = page(world, {
    items,
    keyOf: ({ Key }) => Key,
    listing: `ListTagsForResource ${resourceId}`,
    input,
    defaultSize: world.behaviours().tagPageSize,
  });
  return { Tags: shown.items, NextToken: shown.nextToken };
});

export const tagResource = write(
  ({ world }, input) => {
    const { resourceId, found } = target(world, input);
    const merged = new Map([...found, ...tags(input)]);
    if (merged.size > maximumTags) {
      throw constraintViolation('MAX_TAG_LIMIT_EXCEEDED', 'You have exceeded the number of tags allowed on this resource.');
    }
    setTags(world, resourceId, merged);
    return {};
  },
  { requestParameters: withMaskedTags },
);

export const untagResource = write(({ world }, input) => {
  const { resourceId, found } = target(world, input);
  const keys = new Set(list(input, 'tagKeys').map((key) => text({ key }, 'key', { minimum: 1, maximum: 128 })));
  setTags(world, resourceId, new Map([...found].filter(([key]) => !keys.has(key))));
  return {};
});

/** Tags as CloudTrail shows them: in clear, or masked where the behaviour says so. */
export function withMaskedTags(input: Input, { maskTagValues }: Pick<Behaviours, 'maskTagValues'>): Input {
  if (!maskTagValues || !Array.isArray(input['tags'])) return input;
  return { ...input, tags: input['tags'].map((tag) => ({ key: optionalText(object(tag, 'tag'), 'key'), value: '****' })) };
}

function target(world: World, input: Input): { resourceId: string; found: Tags } {
  const resourceId = text(input, 'resourceId', { pattern: idPatterns.taggable });
  const found = world.store.current.tagsOf(resourceId);
  if (found === undefined) throw targetNotFound();
  return { resourceId, found };
}

function setTags({ store }: World, resourceId: string, tags: Tags): void {
  const account = store.tables.accounts.get(resourceId);
  const unit = store.tables.organizationalUnits.get(resourceId);
  if (account !== undefined) store.put('accounts', resourceId, { ...account, tags });
  else if (unit !== undefined) store.put('organizationalUnits', resourceId, { ...unit, tags });
  else store.put('roots', resourceId, { ...store.current.root, tags });
  if (tags.size > 0) store.put('everTagged', resourceId, true);
}
