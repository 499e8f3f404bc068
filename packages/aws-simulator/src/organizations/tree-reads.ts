import { idPatterns } from '../model/ids.js';
import { AwsError, invalidInput, organizationalUnitNotFound, parentNotFound } from '../wire/errors.js';
import { text } from '../wire/fields.js';
import { page } from '../wire/pages.js';
import { read } from './operation.js';
import { organizationalUnitShape } from './shapes.js';

export const listOrganizationalUnitsForParent = read(({ world, view, behaviours }, input) => {
  const parentId = text(input, 'parentId', { pattern: idPatterns.parent });
  if (!view.isParent(parentId)) throw parentNotFound();
  const items = view.childrenOf(parentId).organizationalUnits;
  const units = page(world, { items, keyOf: ({ id }) => id, listing: `ListOrganizationalUnitsForParent ${parentId}`, input });
  return {
    OrganizationalUnits: units.items.map((unit) => organizationalUnitShape(unit, view, behaviours)),
    NextToken: units.nextToken,
  };
});

export const describeOrganizationalUnit = read(({ view, behaviours }, input) => {
  const unit = view.organizationalUnits.get(text(input, 'organizationalUnitId', { pattern: idPatterns.organizationalUnit }));
  if (unit === undefined) throw organizationalUnitNotFound();
  return { OrganizationalUnit: organizationalUnitShape(unit, view, behaviours) };
});

export const listChildren = read(({ world, view }, input) => {
  const parentId = text(input, 'parentId', { pattern: idPatterns.parent });
  const type = text(input, 'childType');
  if (type !== 'ACCOUNT' && type !== 'ORGANIZATIONAL_UNIT')
    throw invalidInput('INVALID_ENUM', 'ChildType is not one of the types.');
  if (!view.isParent(parentId)) throw parentNotFound();
  const { accounts, organizationalUnits } = view.childrenOf(parentId);
  const items: readonly { id: string }[] = type === 'ACCOUNT' ? accounts : organizationalUnits;
  const children = page(world, { items, keyOf: ({ id }) => id, listing: `ListChildren ${parentId} ${type}`, input });
  return { Children: children.items.map(({ id }) => ({ Id: id, Type: type })), NextToken: children.nextToken };
});

export const listParents = read(({ world, view }, input) => {
  const childId = text(input, 'childId', { pattern: idPatterns.child });
  const child = view.accounts.get(childId) ?? view.organizationalUnits.get(childId);
  if (child === undefined) throw new AwsError('ChildNotFoundException', "You specified a child that doesn't exist.");
  const parents = page(world, { items: [child.parentId], keyOf: (id) => id, listing: `ListParents ${childId}`, input });
  return {
    Parents: parents.items.map((id) => ({ Id: id, Type: id.startsWith('r-') ? 'ROOT' : 'ORGANIZATIONAL_UNIT' })),
    NextToken: parents.nextToken,
  };
});
