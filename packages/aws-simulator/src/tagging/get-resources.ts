import type { Behaviours } from '../behaviours.js';
import { firstAfter } from '../model/ordered.js';
import type { OrganizationView } from '../model/view.js';
import { tagShapes } from '../organizations/shapes.js';
import type { Caller } from '../sts/caller.js';
import { AwsError } from '../wire/errors.js';

interface TaggedResource {
  arn: string;
  type: 'organizations:account' | 'organizations:ou' | 'organizations:root';
  tags: { Key: string; Value: string }[];
}

interface Call {
  /** The organization as the tag index knows it. */
  view: OrganizationView;
  behaviours: Behaviours;
  caller: Caller;
  /** From the signature's scope: the index of global resources is in us-east-1 alone. */
  region: string;
}

type Request = Readonly<Record<string, unknown>>;

const largestPage = 100;
const defaultPage = 50;

/**
 * tag:GetResources for the resources of Organizations. Only resources that have or had tags are in the index; those of the
 * organization belong to the management account, so other callers find none.
 */
export function getResources({ view, behaviours, caller, region }: Call, request: Request): object {
  const size = integer(request['ResourcesPerPage'], defaultPage);
  if (size < 1 || size > largestPage) throw invalidParameter(`ResourcesPerPage must be between 1 and ${largestPage}.`);
  const token = request['PaginationToken'];
  const after = typeof token === 'string' && token !== '' ? readToken(token) : undefined;
  const nothing = behaviours.tagIndexEmpty || caller.accountId !== view.identity.managementAccountId || region !== 'us-east-1';
  const arns = nothing ? [] : view.taggedArns;
  const found: TaggedResource[] = [];
  // From the cursor on, and one more than is shown: that there is a next page has to be known.
  for (
    let at = after === undefined ? 0 : firstAfter(arns, (arn) => arn, after);
    at < arns.length && found.length <= size;
    at += 1
  ) {
    const resource = resourceOf(view, arns[at] ?? '');
    if (resource !== undefined && isAskedFor(resource, request)) found.push(resource);
  }
  const shown = found.slice(0, size);
  const last = shown.at(-1);
  return {
    ResourceTagMappingList: shown.map(({ arn, tags }) => ({ ResourceARN: arn, Tags: tags })),
    PaginationToken: last !== undefined && found.length > size ? Buffer.from(last.arn).toString('base64url') : '',
  };
}

function resourceOf(view: OrganizationView, arn: string): TaggedResource | undefined {
  const id = arn.slice(arn.lastIndexOf('/') + 1);
  const tags = view.tagsOf(id);
  if (tags === undefined) return undefined;
  const kind = view.accounts.has(id) ? 'account' : view.organizationalUnits.has(id) ? 'ou' : 'root';
  return { arn, type: `organizations:${kind}`, tags: tagShapes(tags) };
}

function isAskedFor(resource: TaggedResource, request: Request): boolean {
  const types = request['ResourceTypeFilters'] as readonly string[] | undefined;
  const ofType =
    types === undefined || types.length === 0 || types.some((type) => type === 'organizations' || type === resource.type);
  const filters = (request['TagFilters'] ?? []) as readonly { Key?: string; Values?: readonly string[] }[];
  const arns = (request['ResourceARNList'] ?? []) as readonly string[];
  return (
    ofType &&
    (arns.length === 0 || arns.includes(resource.arn)) &&
    filters.every(({ Key, Values = [] }) =>
      resource.tags.some((tag) => tag.Key === Key && (Values.length === 0 || Values.includes(tag.Value))),
    )
  );
}

function readToken(token: string): string {
  const arn = Buffer.from(token, 'base64url').toString();
  if (!arn.startsWith('arn:'))
    throw new AwsError('PaginationTokenExpiredException', 'The pagination token is not valid any more.');
  return arn;
}

function integer(value: unknown, absent: number): number {
  if (value === undefined || value === null) return absent;
  if (Number.isInteger(value)) return value as number;
  throw invalidParameter('ResourcesPerPage is not an integer.');
}

const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);
