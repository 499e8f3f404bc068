import { isDeepStrictEqual } from 'node:util';
import { resourceTypes } from './resources/registry.js';
import type { Stack, StackContent } from './stack.js';
import { activeResources, stackScope } from './stack-scope.js';
import { evaluate } from './template/evaluate.js';
import { inOrder } from './template/references.js';

export interface PlannedChange {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string | undefined;
  /** A new resource takes its place. */
  readonly replaced: boolean;
}

/** What has to change for a stack to be as a template says; nothing is touched. What is not known before it is made counts as changed. */
export function planChanges(stack: Stack, content: StackContent): PlannedChange[] {
  const unmade = new Set<string>();
  const scope = stackScope(content, stack, (id) => {
    const deployed = stack.resources.get(id)?.made;
    if (deployed !== undefined && !unmade.has(id)) return deployed;
    return content.template.resources.has(id) ? { physicalId: `{{${id}}}`, attributes: anyAttribute(id) } : undefined;
  });
  const active = activeResources(content, scope, inOrder(content.template));
  const kept = active.flatMap((logicalId): PlannedChange[] => {
    const declared = content.template.resources.get(logicalId);
    if (declared === undefined) return [];
    const { type } = declared;
    const deployed = stack.resources.get(logicalId);
    const properties = evaluate(declared.properties, scope) as Readonly<Record<string, unknown>>;
    if (deployed?.declared.type !== type) {
      unmade.add(logicalId);
      return [{ action: 'Add', logicalId, type, physicalId: undefined, replaced: false }];
    }
    const { deletionPolicy, updateReplacePolicy, metadata } = deployed.declared;
    const same =
      isDeepStrictEqual(deployed.properties, properties) &&
      isDeepStrictEqual(
        [deletionPolicy, updateReplacePolicy, metadata],
        [declared.deletionPolicy, declared.updateReplacePolicy, declared.metadata],
      );
    if (same) return [];
    const replaced =
      resourceTypes.get(type)?.replacedBy.some((name) => !isDeepStrictEqual(deployed.properties[name], properties[name])) ??
      false;
    if (replaced) unmade.add(logicalId);
    return [{ action: 'Modify', logicalId, type, physicalId: deployed.made.physicalId, replaced }];
  });
  const gone = [...stack.resources.values()].filter(({ logicalId }) => !active.includes(logicalId));
  const removals = gone.map(({ logicalId, declared, made }): PlannedChange => {
    return { action: 'Remove', logicalId, type: declared.type, physicalId: made.physicalId, replaced: false };
  });
  return [...kept, ...removals];
}

/** Whether an update would change anything: resources, outputs or tags. */
export function changesAnything(stack: Stack, content: StackContent): boolean {
  if (planChanges(stack, content).length > 0) return true;
  const before = stack.content;
  if (before === undefined || !isDeepStrictEqual([...before.tags], [...content.tags])) return true;
  return !isDeepStrictEqual(outputsOf(stack, before), outputsOf(stack, content));
}

/** Outputs by name, with their descriptions. */
export function outputsOf(
  stack: Stack,
  content: StackContent,
): { key: string; value: string; description: string | undefined }[] {
  const scope = stackScope(content, stack, (id) => stack.resources.get(id)?.made);
  return [...content.template.outputs]
    .filter(([, { condition }]) => condition === undefined || scope.condition(condition))
    .map(([key, { value, description }]) => ({ key, value: String(evaluate(value, scope)), description }));
}

/** Attributes of what is not there yet have no value that is known. */
const anyAttribute = (id: string): Readonly<Record<string, string>> =>
  new Proxy<Record<string, string>>({}, { get: (_attributes, name) => `{{${id}.${String(name)}}}` });
