import { membersParameters } from './cloudformation/parameter-values.js';
import { shellWord } from './quoting.js';
import { command, type Step } from './steps.js';
import { membersStackSetName, type OnboardingValues } from './values.js';

/** AWS takes that many organizational units in one CreateStackInstances. */
const unitsOfOneCall = 50;

/** One account that refuses says little about the next; a fifth of them says that something is wrong with all. */
export const tolerancePercentage = 20;

const preferences = `RegionConcurrencyType=PARALLEL,FailureTolerancePercentage=${tolerancePercentage},MaxConcurrentPercentage=${tolerancePercentage}`;

export const aboutStackSets = [
  'A StackSet with service-managed permissions never reaches the management account itself: its role comes from its own step.',
  'Suspended accounts are skipped. Accounts that join later get the role by themselves, minutes after they joined.',
];

/** The role of every member account, by the AWS CLI and with the credentials of an administrator of the management account. */
export function connectMembers(values: OnboardingValues): Step {
  const { region, templateUrls } = values;
  const aws = (operation: string) => `aws cloudformation ${operation} --region ${region}`;
  const named = `--stack-set-name ${membersStackSetName}`;
  const whatIsDeployed = [
    templateUrls === undefined
      ? '--template-body file://orgtrail-members.yaml'
      : `--template-url ${shellWord(templateUrls.members)}`,
    '--capabilities CAPABILITY_NAMED_IAM',
    `--parameters ${shellWord(JSON.stringify(parameterList(values)))}`,
  ];
  return {
    title: 'Make the role in every member account, by a StackSet',
    lines: [
      ...aboutStackSets,
      ...(values.partition === 'aws-cn' ? aboutChina(values) : []),
      '',
      'Once for the organization (nothing happens if it was done before):',
      ...command(aws('activate-organizations-access')),
      'The StackSet, and the accounts that it reaches:',
      ...command(
        aws('create-stack-set'),
        named,
        '--permission-model SERVICE_MANAGED',
        '--auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false',
        '--managed-execution Active=true',
        ...whatIsDeployed,
      ),
      ...targets(values).flatMap((target) =>
        command(
          aws('create-stack-instances'),
          named,
          `--deployment-targets ${target}`,
          `--regions ${region}`,
          `--operation-preferences ${preferences}`,
        ),
      ),
      'How far it is, and the accounts where it failed, with the reason:',
      ...command(aws('list-stack-set-operations'), named, '--output table'),
      ...command(
        aws('list-stack-instances'),
        named,
        `--query 'Summaries[?StackInstanceStatus.DetailedStatus!=\`SUCCEEDED\` && StackInstanceStatus.DetailedStatus!=\`SKIPPED_SUSPENDED_ACCOUNT\`].[Account,StackInstanceStatus.DetailedStatus,StatusReason]'`,
        '--output table',
      ),
      'Later, after a rotation of the external id, deploy the stack of the management account again, too: write the files anew, follow',
      'the new text as far as here, and instead of making the StackSet update it:',
      ...command(aws('update-stack-set'), named, ...whatIsDeployed, `--operation-preferences ${preferences}`),
    ],
  };
}

/** Takes the role out of every member account. */
export function disconnectMembers(values: OnboardingValues): string[] {
  const aws = (operation: string) => `aws cloudformation ${operation} --region ${values.region}`;
  const named = `--stack-set-name ${membersStackSetName}`;
  return [
    'The roles of the members, and when list-stack-set-operations shows that they are gone (SUCCEEDED), their StackSet:',
    ...targets(values).flatMap((target) =>
      command(
        aws('delete-stack-instances'),
        named,
        `--deployment-targets ${target}`,
        `--regions ${values.region}`,
        '--no-retain-stacks',
        `--operation-preferences ${preferences}`,
      ),
    ),
    ...command(aws('list-stack-set-operations'), named, '--output table'),
    ...command(aws('delete-stack-set'), named),
  ];
}

function parameterList(values: OnboardingValues): object[] {
  return Object.entries(membersParameters(values)).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
}

function targets({ organizationalUnitIds, region }: OnboardingValues): string[] {
  if (organizationalUnitIds.length === 0) {
    return [`OrganizationalUnitIds="$(aws organizations list-roots --region ${region} --query 'Roots[0].Id' --output text)"`];
  }
  const calls = Math.ceil(organizationalUnitIds.length / unitsOfOneCall);
  return Array.from({ length: calls }, (_, call) => {
    const units = organizationalUnitIds.slice(call * unitsOfOneCall, (call + 1) * unitsOfOneCall);
    return `OrganizationalUnitIds=${shellWord(units.join(','))}`;
  });
}

function aboutChina(values: OnboardingValues): string[] {
  const overrides = Object.entries(membersParameters(values)).map(([name, value]) => shellWord(`${name}=${value}`));
  return [
    '',
    'AWS has said of its China Regions that StackSets cannot be given access to the organization there. If the first command is',
    'refused, deploy the template in each member account with its own credentials:',
    ...command(
      `aws cloudformation deploy --region ${values.region}`,
      '--stack-name orgtrail-member',
      '--template-file orgtrail-members.yaml',
      '--capabilities CAPABILITY_NAMED_IAM',
      '--no-fail-on-empty-changeset',
      `--parameter-overrides ${overrides.join(' ')}`,
    ),
  ];
}
