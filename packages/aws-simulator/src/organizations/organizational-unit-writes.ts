import { idPatterns, newOrganizationalUnitId, organizationalUnitArn } from '../model/ids.js';
import { AwsError, constraintViolation, organizationalUnitNotFound, parentNotFound } from '../wire/errors.js';
import { optionalText, tags, text } from '../wire/fields.js';
import type { World } from '../world.js';
import { write } from './operation.js';
import { organizationalUnitShape } from './shapes.js';
import { withMaskedTags } from './tag-operations.js';

export const maximumLevels = 5;
const maximumUnits = 2000;
const nameRules = { minimum: 1, maximum: 128 };

export const createOrganizationalUnit = write(
  ({ world }, input) => {
    const parentId = text(input, 'parentId', { pattern: idPatterns.parent });
    const name = text(input, 'name', nameRules);
    const itsTags = tags(input);
    const { store, random, behaviours } = world;
    if (!store.current.isParent(parentId)) throw parentNotFound();
    refuseDuplicate(world, parentId, name);
    if (store.current.levelOf(parentId) >= maximumLevels) {
      throw constraintViolation('OU_DEPTH_LIMIT_EXCEEDED', 'You exceeded the depth of organizational units.');
    }
    if (store.tables.organizationalUnits.size >= maximumUnits) {
      throw constraintViolation('OU_NUMBER_LIMIT_EXCEEDED', 'You exceeded the number of organizational units.');
    }
    const isTaken = (id: string): boolean =>
      store.tables.organizationalUnits.has(id) || store.tables.deletedOrganizationalUnits.has(id);
    const id = newOrganizationalUnitId(random, store.identity.rootId, isTaken);
    const unit = { id, arn: organizationalUnitArn(store.identity, id), name, parentId, tags: itsTags };
    store.put('organizationalUnits', id, unit);
    if (itsTags.size > 0) store.put('everTagged', id, true);
    return { output: { OrganizationalUnit: organizationalUnitShape(unit, store.current, behaviours()) } };
  },
  { requestParameters: withMaskedTags },
);

export const updateOrganizationalUnit = write(({ world }, input) => {
  const unit = unitOf(world, text(input, 'organizationalUnitId', { pattern: idPatterns.organizationalUnit }));
  const name = optionalText(input, 'name', nameRules) ?? unit.name;
  refuseDuplicate(world, unit.parentId, name, unit.id);
  const renamed = { ...unit, name };
  world.store.put('organizationalUnits', unit.id, renamed);
  return { output: { OrganizationalUnit: organizationalUnitShape(renamed, world.store.current, world.behaviours()) } };
});

export const deleteOrganizationalUnit = write(({ world }, input) => {
  const { store } = world;
  const unit = unitOf(world, text(input, 'organizationalUnitId', { pattern: idPatterns.organizationalUnit }));
  const { accounts, organizationalUnits } = store.current.childrenOf(unit.id);
  if (accounts.length + organizationalUnits.length > 0) {
    throw new AwsError('OrganizationalUnitNotEmptyException', 'The organizational unit is not empty.');
  }
  store.remove('organizationalUnits', unit.id);
  store.remove('everTagged', unit.id);
  store.put('deletedOrganizationalUnits', unit.id, unit);
  return {};
});

function unitOf({ store }: World, id: string) {
  const unit = store.tables.organizationalUnits.get(id);
  if (unit === undefined) throw organizationalUnitNotFound();
  return unit;
}

function refuseDuplicate({ store }: World, parentId: string, name: string, except?: string): void {
  if (store.current.childrenOf(parentId).organizationalUnits.some((sibling) => sibling.name === name && sibling.id !== except)) {
    throw new AwsError('DuplicateOrganizationalUnitException', 'An organizational unit with the same name exists already.');
  }
}
