import { tellOrgtrail, undoIt, watchIt } from '../closing-steps.js';
import { forwardEvents } from '../forwarding.js';
import { explainPlaceholder } from '../management-account.js';
import { writeFilesFirst } from '../opening-lines.js';
import { connectMembers, disconnectMembers } from '../stack-set.js';
import { command, formatSteps, type Step } from '../steps.js';
import { managementStackName, type OnboardingValues } from '../values.js';
import type { OnboardingFile, OnboardingWay } from '../way.js';
import { deployStack } from './deploy-stack.js';
import { writeForwardingTemplate } from './forwarding-template.js';
import { writeManagementTemplate } from './management-template.js';
import { writeMembersTemplate } from './members-template.js';
import { managementParameters } from './parameter-values.js';
import { quickCreateLink } from './quick-create-link.js';

export const templateFiles = {
  management: (): OnboardingFile => ({ name: 'orgtrail-management.yaml', content: writeManagementTemplate() }),
  members: (): OnboardingFile => ({ name: 'orgtrail-members.yaml', content: writeMembersTemplate() }),
  forwarding: (): OnboardingFile => ({ name: 'orgtrail-forwarding.yaml', content: writeForwardingTemplate() }),
};

/** For the ways that have it only where it is needed. */
export const forwardingFiles = ({ forwardingAccountIds }: OnboardingValues): OnboardingFile[] =>
  forwardingAccountIds.length === 0 ? [] : [templateFiles.forwarding()];

/** A stack in the management account and a StackSet for its members. */
export function connectByCloudFormation(values: OnboardingValues): OnboardingWay {
  const link = quickCreateLink(values);
  const steps = [
    makeStack(values, link),
    tellOrgtrail(values),
    ...(values.configureMembers ? [connectMembers(values)] : []),
    watchIt(values),
    ...forwardEvents(values),
    ...(link === undefined ? [offerLink(values)] : []),
    undoIt(values, [
      ...(values.configureMembers ? disconnectMembers(values) : []),
      'The role, the rule and the queues, with what is still in them:',
      ...command(`aws cloudformation delete-stack --region ${values.region} --stack-name ${managementStackName}`),
    ]),
  ];
  return {
    text: formatSteps([...explainPlaceholder(values), ...writeFilesFirst('cloudformation', values)], steps),
    ...(link === undefined ? {} : { link }),
    files: [templateFiles.management(), templateFiles.members(), templateFiles.forwarding()],
  };
}

function makeStack(values: OnboardingValues, link: string | undefined): Step {
  return {
    title: 'Make the role, the rule and the queue in the management account, by a stack',
    lines: [
      ...(link === undefined
        ? []
        : [
            'As an administrator of the management account, open this page, change nothing, tick that IAM resources with names are created,',
            'and choose Create stack:',
            `  ${link}`,
            'Or the same by command:',
          ]),
      `A stack ${managementStackName} of another integration would become that of this one: look first whether there is one.`,
      ...deployStack({
        region: values.region,
        stackName: managementStackName,
        file: 'orgtrail-management.yaml',
        parameters: managementParameters(values),
      }),
      'Its outputs are the role ARN and the queue URL of the next step.',
    ],
  };
}

function offerLink(values: OnboardingValues): Step {
  return {
    title: 'Only for a link that opens the console with everything filled in: put the templates into a bucket',
    lines: [
      'Whoever follows the link has to be able to read them, and nobody else has to.',
      ...command('aws s3 cp orgtrail-management.yaml s3://YOUR_BUCKET/orgtrail-management.yaml'),
      ...command('aws s3 cp orgtrail-members.yaml s3://YOUR_BUCKET/orgtrail-members.yaml'),
      `Then start Orgtrail with ORGTRAIL_ONBOARDING_TEMPLATE_URL=${bucketUrl(values)}.`,
    ],
  };
}

const bucketUrl = ({ partition, region }: OnboardingValues) =>
  `https://YOUR_BUCKET.s3.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/orgtrail-management.yaml`;
