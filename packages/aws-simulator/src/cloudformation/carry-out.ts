import { isDeepStrictEqual } from 'node:util';
import { AwsError } from '../wire/errors.js';
import { physicalName } from './physical-name.js';
import { Properties } from './resources/properties.js';
import { resourceTypes } from './resources/registry.js';
import type { ResourcePlace, ResourceServices, ResourceType } from './resources/resource-type.js';
import type { DeployedResource, Stack, StackContent } from './stack.js';
import { noteResource } from './stack-events.js';
import { activeResources, stackScope } from './stack-scope.js';
import { evaluate } from './template/evaluate.js';
import { inOrder } from './template/references.js';
import type { TemplateResource } from './template/template.js';

/** What undoes a step, and what is cleaned up once nothing can fail any more. */
interface Course {
  readonly stack: Stack;
  readonly content: StackContent;
  readonly services: ResourceServices;
  readonly undo: (() => void)[];
  readonly cleanup: (() => void)[];
}

/**
 * Makes a stack's resources as its content says, in their order. When one fails everything is as it was before, unless `keepOnFailure`, and
 * the reason is the answer; otherwise it answers with nothing.
 */
export function carryOut(
  stack: Stack,
  content: StackContent,
  services: ResourceServices,
  { keepOnFailure = false } = {},
): string | undefined {
  const course: Course = { stack, content, services, undo: [], cleanup: [] };
  const scope = stackScope(content, stack, (id) => stack.resources.get(id)?.made);
  const active = activeResources(content, scope, inOrder(content.template));
  for (const id of active) {
    const declared = content.template.resources.get(id);
    if (declared === undefined) continue;
    try {
      settle(course, id, declared, evaluate(declared.properties, scope) as Record<string, unknown>);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      noteFailure(course, id, declared, error);
      if (!keepOnFailure) for (const step of course.undo.reverse()) step();
      return `The following resource(s) failed to ${stack.content === undefined ? 'create' : 'update'}: [${id}]. `;
    }
  }
  const gone = [...stack.resources.values()].filter(({ logicalId }) => !active.includes(logicalId));
  for (const resource of gone.reverse()) course.cleanup.push(() => remove(course, resource));
  for (const step of course.cleanup) step();
  return undefined;
}

/** Deletes a resource, or leaves it where its policy says so. Answers whether it is gone from the stack. */
export function removeResource(
  stack: Stack,
  resource: DeployedResource,
  services: ResourceServices,
  tags: ReadonlyMap<string, string>,
): boolean {
  const { logicalId, declared, made } = resource;
  if (declared.deletionPolicy === 'Retain') {
    noteResource(stack, resource, 'DELETE_SKIPPED', services.now());
    stack.resources.delete(logicalId);
    return true;
  }
  try {
    typeOf(declared).delete(placeOf(stack, logicalId, services, tags), made, propertiesOf(resource));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // What somebody deleted by hand is gone, which is all that was wanted.
    if (error.status !== 404 && !/NonExistent|DoesNotExist|NoSuchEntity|ResourceNotFound/.test(error.code)) {
      noteResource(stack, resource, 'DELETE_FAILED', services.now(), error.message);
      return false;
    }
  }
  noteResource(stack, resource, 'DELETE_COMPLETE', services.now());
  stack.resources.delete(logicalId);
  return true;
}

function settle(course: Course, id: string, declared: TemplateResource, properties: Record<string, unknown>): void {
  const { stack, services, undo } = course;
  const before = stack.resources.get(id);
  if (before?.declared.type !== declared.type) {
    if (before !== undefined) throw new AwsError('ValidationError', `Update of resource type is not permitted.`);
    create(course, id, declared, properties);
    return;
  }
  const tagsBefore = stack.content?.tags ?? new Map<string, string>();
  if (isDeepStrictEqual(before.properties, properties) && isDeepStrictEqual([...tagsBefore], [...course.content.tags])) {
    stack.resources.set(id, { ...before, declared });
    undo.push(() => stack.resources.set(id, before));
    return;
  }
  const type = typeOf(declared);
  const place = placeOf(stack, id, services, course.content.tags);
  const [now, then] = [new Properties(properties, id), propertiesOf(before)];
  undo.push(() => {
    // Reached when this update failed half-way, too.
    const placeBefore = placeOf(stack, id, services, tagsBefore);
    if (stack.resources.get(id)?.made.physicalId === before.made.physicalId) {
      ignoreRefusal(() => type.update(placeBefore, before.made, then, now));
    }
    stack.resources.set(id, before);
  });
  if (now.differs(then, ...type.replacedBy)) {
    replace(course, before, declared, properties);
    return;
  }
  const made = type.update(place, before.made, now, then);
  const resource = { ...before, declared, made, properties, status: 'UPDATE_COMPLETE', at: services.now() };
  stack.resources.set(id, resource);
  noteResource(stack, resource, 'UPDATE_COMPLETE', services.now());
}

function create(course: Course, id: string, declared: TemplateResource, properties: Record<string, unknown>): void {
  const { stack, services, undo } = course;
  const type = typeOf(declared);
  const place = placeOf(stack, id, services, course.content.tags);
  const made = type.create(place, new Properties(properties, id));
  const resource = { logicalId: id, declared, made, properties, status: 'CREATE_COMPLETE', at: services.now() };
  stack.resources.set(id, resource);
  noteResource(stack, resource, 'CREATE_COMPLETE', services.now());
  undo.push(() => {
    ignoreRefusal(() => type.delete(place, made, propertiesOf(resource)));
    noteResource(stack, resource, 'DELETE_COMPLETE', services.now());
    stack.resources.delete(id);
  });
}

function replace(
  course: Course,
  before: DeployedResource,
  declared: TemplateResource,
  properties: Record<string, unknown>,
): void {
  const { stack, services, cleanup } = course;
  const id = before.logicalId;
  try {
    create(course, id, declared, properties);
  } catch (error) {
    if (!(error instanceof AwsError) || !error.code.includes('Exist')) throw error;
    throw new AwsError(
      'ValidationError',
      `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${before.made.physicalId} and update the stack again.`,
    );
  }
  if (before.declared.updateReplacePolicy === 'Retain') return;
  const place = placeOf(stack, id, services, course.content.tags);
  cleanup.push(() => {
    ignoreRefusal(() => typeOf(before.declared).delete(place, before.made, propertiesOf(before)));
    noteResource(stack, before, 'DELETE_COMPLETE', services.now());
  });
}

const remove = ({ stack, services, content }: Course, resource: DeployedResource): boolean =>
  removeResource(stack, resource, services, content.tags);

function noteFailure({ stack, services }: Course, id: string, declared: TemplateResource, error: AwsError): void {
  const before = stack.resources.get(id);
  const failed = before ?? { logicalId: id, declared, made: { physicalId: '', attributes: {} }, properties: {} };
  const status = before === undefined ? 'CREATE_FAILED' : 'UPDATE_FAILED';
  const reason = `Resource handler returned message: "${error.message}" (HandlerErrorCode: ${error.code})`;
  noteResource(stack, failed, status, services.now(), reason);
}

/** While something is undone or cleaned up, what AWS refuses is left as it is, as CloudFormation does. */
function ignoreRefusal(step: () => unknown): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
}

const propertiesOf = ({ properties, logicalId }: DeployedResource): Properties => new Properties(properties, logicalId);

function typeOf({ type }: TemplateResource): ResourceType {
  const found = resourceTypes.get(type);
  if (found === undefined) throw new RangeError(`A template with a resource of type ${type} got through.`);
  return found;
}

function placeOf(
  stack: Stack,
  logicalId: string,
  services: ResourceServices,
  stackTags: ReadonlyMap<string, string>,
): ResourcePlace {
  const { accountId, region, name: stackName } = stack;
  const newName = (longest: number): string => physicalName({ stackName, logicalId, longest });
  return { services, accountId, region, stackName, logicalId, stackTags, newName };
}
