import { operationsOf, type ServiceOperation } from '../wire/service.js';
import type { ManagedPolicy } from './managed-policies.js';
import { optionalText, refuseOthers, requiredText } from '../wire/query-fields.js';
import { encodedDocument, pathRules, roleIn } from './role-operations.js';
import { noSuchEntity } from './iam-errors.js';

const policyNameRules = { pattern: /^[\w+=,.@-]+$/, maximum: 128 };

const read = (run: ServiceOperation['run']): ServiceOperation => ({ kind: 'read', run });
const write = (run: ServiceOperation['run']): ServiceOperation => ({ kind: 'write', run });

/** Inline policies of roles, managed policies, and which of these are attached to which roles. */
export const policyOperations = operationsOf({
  PutRolePolicy: write((call) => {
    const { aws, input } = call;
    const name = requiredText(input, 'PolicyName', policyNameRules);
    aws.iam.roles.putPolicy(roleIn(call), name, requiredText(input, 'PolicyDocument'));
    return undefined;
  }),
  GetRolePolicy: read((call) => {
    const role = roleIn(call);
    const PolicyName = requiredText(call.input, 'PolicyName', policyNameRules);
    const document = call.aws.iam.roles.policyOf(role, PolicyName);
    return { RoleName: role.name, PolicyName, PolicyDocument: encodedDocument(document) };
  }),
  DeleteRolePolicy: write((call) => {
    call.aws.iam.roles.deletePolicy(roleIn(call), requiredText(call.input, 'PolicyName', policyNameRules));
    return undefined;
  }),
  ListRolePolicies: read((call) => ({ PolicyNames: [...roleIn(call).inlinePolicies.keys()].sort(), IsTruncated: false })),
  AttachRolePolicy: write((call) => {
    call.aws.iam.roles.attach(roleIn(call), requiredText(call.input, 'PolicyArn'));
    return undefined;
  }),
  DetachRolePolicy: write((call) => {
    call.aws.iam.roles.detach(roleIn(call), requiredText(call.input, 'PolicyArn'));
    return undefined;
  }),
  ListAttachedRolePolicies: read((call) => ({
    AttachedPolicies: [...roleIn(call).attachedPolicies.values()].map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn })),
    IsTruncated: false,
  })),
  CreatePolicy: write(({ aws, caller, input }) => {
    refuseOthers(input, ['PolicyName', 'Path', 'PolicyDocument', 'Description']);
    const policy = aws.iam.policies.create({
      accountId: caller.accountId,
      name: requiredText(input, 'PolicyName', policyNameRules),
      path: optionalText(input, 'Path', pathRules) ?? '/',
      document: requiredText(input, 'PolicyDocument'),
      description: optionalText(input, 'Description') ?? '',
      now: aws.world.now(),
    });
    return { Policy: policyShape(policy, 0) };
  }),
  GetPolicy: read(({ aws, input }) => {
    const policy = aws.iam.policies.get(requiredText(input, 'PolicyArn'));
    return { Policy: policyShape(policy, aws.iam.roles.attachmentsOf(policy.arn)) };
  }),
  GetPolicyVersion: read(({ aws, input }) => {
    const policy = aws.iam.policies.get(requiredText(input, 'PolicyArn'));
    const VersionId = requiredText(input, 'VersionId');
    if (VersionId !== `v${policy.version}`)
      throw noSuchEntity(`Policy ${policy.arn} version ${VersionId} does not exist or is not attachable.`);
    const CreateDate = new Date(policy.updatedAt);
    return { PolicyVersion: { Document: encodedDocument(policy.document), VersionId, IsDefaultVersion: true, CreateDate } };
  }),
  ListPolicies: read(({ aws, caller, input }) => ({
    Policies: (input['Scope'] === 'AWS' ? aws.iam.policies.list('aws') : aws.iam.policies.list(caller.accountId)).map((policy) =>
      policyShape(policy, aws.iam.roles.attachmentsOf(policy.arn)),
    ),
    IsTruncated: false,
  })),
  DeletePolicy: write(({ aws, caller, input }) => {
    const arn = requiredText(input, 'PolicyArn');
    if (arn.split(':')[4] !== caller.accountId) throw noSuchEntity(`Policy ${arn} was not found.`);
    aws.iam.policies.delete(arn, aws.iam.roles.attachmentsOf(arn));
    return undefined;
  }),
});

const policyShape = (policy: ManagedPolicy, attachments: number): object => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: `v${policy.version}`,
  AttachmentCount: attachments,
  IsAttachable: true,
  CreateDate: new Date(policy.createdAt),
  UpdateDate: new Date(policy.updatedAt),
});
