import type { ServiceCall, ServiceOperation } from '../wire/service.js';
import { AwsError } from '../wire/errors.js';
import { selectorsOf } from './selectors.js';
import type { Trail } from './trails.js';

export const trailOperations = {
  DescribeTrails: {
    kind: 'read',
    // Members of this one operation begin with small letters.
    run: ({ aws, caller, region, input }) => {
      const { trailNameList, includeShadowTrails } = input;
      const wanted = Array.isArray(trailNameList) ? trailNameList.map(String) : [];
      const trails = aws.trails.seenBy(caller.accountId, region, { shadows: includeShadowTrails !== false || wanted.length > 0 });
      return {
        trailList: trails
          .filter(({ name, arn }) => wanted.length === 0 || wanted.includes(name) || wanted.includes(arn))
          .map((trail) => ({
            ...settingsOf(trail),
            HomeRegion: trail.homeRegion,
            HasCustomEventSelectors: 'advanced' in trail.selectors,
            HasInsightSelectors: false,
          })),
      };
    },
  },
  GetTrailStatus: onTrail('read', 'Name', (trail) => ({
    IsLogging: trail.logging,
    StartLoggingTime: dateOf(trail.startedAt),
    StopLoggingTime: dateOf(trail.stoppedAt),
  })),
  GetEventSelectors: onTrail('read', 'TrailName', selectorsShape),
  PutEventSelectors: onTrail('write', 'TrailName', (trail, { input }) => {
    trail.selectors = selectorsOf(input);
    return selectorsShape(trail);
  }),
  CreateTrail: {
    kind: 'write',
    run: ({ aws, caller, region, input }) => {
      const isOrganizationTrail = input['IsOrganizationTrail'] === true;
      if (isOrganizationTrail && caller.accountId !== aws.world.store.identity.managementAccountId) {
        throw new AwsError(
          'NotOrganizationManagementAccountException',
          'The account is not the management account of an organization.',
        );
      }
      const trail = aws.trails.create({
        name: nameIn(input, 'Name'),
        accountId: caller.accountId,
        homeRegion: region,
        bucket: nameIn(input, 'S3BucketName'),
        isMultiRegion: input['IsMultiRegionTrail'] === true,
        isOrganizationTrail,
        includesGlobalEvents: input['IncludeGlobalServiceEvents'] !== false,
      });
      return settingsOf(trail);
    },
  },
  StartLogging: onTrail('write', 'Name', (trail, { aws }) => {
    aws.trails.start(trail);
    return {};
  }),
  StopLogging: onTrail('write', 'Name', (trail, { aws }) => {
    aws.trails.stop(trail);
    return {};
  }),
  DeleteTrail: onTrail('write', 'Name', (trail, { aws }) => {
    aws.trails.delete(trail);
    return {};
  }),
} satisfies Record<string, ServiceOperation>;

function onTrail(
  kind: ServiceOperation['kind'],
  member: 'Name' | 'TrailName',
  run: (trail: Trail, call: ServiceCall) => object,
): ServiceOperation {
  const trailOf = ({ aws, caller, region, input }: ServiceCall): Trail =>
    aws.trails.find(caller.accountId, region, nameIn(input, member));
  return {
    kind,
    resourceOf: ({ caller, region, input, aws }) => {
      const asked = nameIn(input, member);
      const { partition } = aws.world.store.identity;
      return asked.startsWith('arn:') ? asked : `arn:${partition}:cloudtrail:${region}:${caller.accountId}:trail/${asked}`;
    },
    run: (call) => {
      const trail = trailOf(call);
      // Members see the trail of their organization, and cannot touch it.
      if (kind === 'write' && trail.accountId !== call.caller.accountId) {
        throw new AwsError('TrailNotFoundException', `Unknown trail: ${trail.name} for the user: ${call.caller.accountId}`);
      }
      return run(trail, call);
    },
  };
}

function nameIn(input: ServiceCall['input'], member: string): string {
  const value = input[member];
  if (typeof value === 'string' && value !== '') return value;
  throw new AwsError('InvalidTrailNameException', `The request has no ${member}.`);
}

const dateOf = (epochMs: number | undefined): Date | undefined => (epochMs === undefined ? undefined : new Date(epochMs));

const settingsOf = (trail: Trail): object => ({
  Name: trail.name,
  S3BucketName: trail.bucket,
  IncludeGlobalServiceEvents: trail.includesGlobalEvents,
  IsMultiRegionTrail: trail.isMultiRegion,
  TrailARN: trail.arn,
  LogFileValidationEnabled: false,
  IsOrganizationTrail: trail.isOrganizationTrail,
});

function selectorsShape({ arn, selectors }: Trail): object {
  return {
    TrailARN: arn,
    ...('basic' in selectors ? { EventSelectors: selectors.basic } : { AdvancedEventSelectors: selectors.advanced }),
  };
}
