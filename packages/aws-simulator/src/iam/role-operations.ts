import { operationsOf, type ServiceCall, type ServiceOperation } from '../wire/service.js';
import { optionalText, refuseOthers, requiredText, tagsOf, textsOf, validationError } from '../wire/query-fields.js';
import type { IamRole } from './roles.js';

export const roleNameRules = { pattern: /^[\w+=,.@-]+$/, maximum: 64 };
export const pathRules = { pattern: /^\/$|^\/[!-~]*\/$/, maximum: 512 };

/** The role that a call names, in the caller's account. */
export const roleIn = ({ aws, caller, input }: ServiceCall): IamRole =>
  aws.iam.roles.get(caller.accountId, requiredText(input, 'RoleName', roleNameRules));

const read = (run: ServiceOperation['run']): ServiceOperation => ({ kind: 'read', run });
const write = (run: ServiceOperation['run']): ServiceOperation => ({ kind: 'write', run });

export const roleOperations = operationsOf({
  CreateRole: write(({ aws, caller, input }) => {
    refuseOthers(input, ['RoleName', 'Path', 'AssumeRolePolicyDocument', 'Description', 'MaxSessionDuration', 'Tags']);
    const role = aws.iam.roles.create({
      accountId: caller.accountId,
      name: requiredText(input, 'RoleName', roleNameRules),
      path: optionalText(input, 'Path', pathRules) ?? '/',
      trustDocument: requiredText(input, 'AssumeRolePolicyDocument'),
      description: optionalText(input, 'Description', { maximum: 1000 }) ?? '',
      maxSessionSeconds: sessionSecondsOf(optionalText(input, 'MaxSessionDuration')) ?? 3600,
      tags: tagsOf(input),
    });
    return { Role: roleShape(role) };
  }),
  GetRole: read((call) => ({ Role: roleShape(roleIn(call)) })),
  ListRoles: read(({ aws, caller, input }) => ({
    Roles: aws.iam.roles.list(caller.accountId, optionalText(input, 'PathPrefix')).map(roleShape),
    IsTruncated: false,
  })),
  UpdateRole: write((call) => {
    const role = roleIn(call);
    role.description = optionalText(call.input, 'Description', { maximum: 1000 }) ?? role.description;
    role.maxSessionSeconds = sessionSecondsOf(optionalText(call.input, 'MaxSessionDuration')) ?? role.maxSessionSeconds;
    return {};
  }),
  UpdateRoleDescription: write((call) => {
    const role = roleIn(call);
    role.description = optionalText(call.input, 'Description', { maximum: 1000 }) ?? '';
    return { Role: roleShape(role) };
  }),
  UpdateAssumeRolePolicy: write((call) => {
    call.aws.iam.roles.changeTrust(roleIn(call), requiredText(call.input, 'PolicyDocument'));
    return undefined;
  }),
  DeleteRole: write((call) => {
    call.aws.iam.roles.delete(roleIn(call));
    return undefined;
  }),
  TagRole: write((call) => {
    const { tags } = roleIn(call);
    for (const [key, value] of tagsOf(call.input)) tags.set(key, value);
    return undefined;
  }),
  UntagRole: write((call) => {
    const { tags } = roleIn(call);
    for (const key of textsOf(call.input, 'TagKeys')) tags.delete(key);
    return undefined;
  }),
  ListRoleTags: read((call) => ({ Tags: tagList(roleIn(call)), IsTruncated: false })),
  ListInstanceProfilesForRole: read((call) => {
    roleIn(call);
    return { InstanceProfiles: [], IsTruncated: false };
  }),
});

/** Documents are percent-encoded (RFC 3986) in answers, as IAM does. */
export const encodedDocument = (document: string): string =>
  encodeURIComponent(document).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

function roleShape(role: IamRole): object {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodedDocument(role.trustDocument),
    ...(role.description === '' ? {} : { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
    ...(role.tags.size === 0 ? {} : { Tags: tagList(role) }),
  };
}

const tagList = ({ tags }: IamRole): object[] => [...tags].map(([Key, Value]) => ({ Key, Value }));

export function sessionSecondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 3600 && seconds <= 43_200) return seconds;
  throw validationError(
    `1 validation error detected: Value '${text}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200`,
  );
}
