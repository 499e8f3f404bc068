import {
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  type CloudTrailClient,
  type Trail,
} from '@aws-sdk/client-cloudtrail';
import { declare } from './declared-actions.js';
import { AwsError } from './errors.js';
import type { TrailRead } from './event-path-reads.js';
import { logsWritesOfOrganizations } from './management-events.js';
import { required } from './parse.js';

export const trailReadActions = declare('cloudtrail', ['DescribeTrails', 'GetTrailStatus', 'GetEventSelectors'], 'any');

export interface TrailReadContext {
  /** Where events are looked for. */
  region: string;
  trailsOf(region: string): CloudTrailClient;
  call<T>(operation: string, send: () => Promise<T>): Promise<T>;
}

/** All trails that see the Region, made there or anywhere else. */
export async function readTrails({ region, trailsOf, call }: TrailReadContext): Promise<TrailRead[]> {
  const { trailList = [] } = await call('DescribeTrails', () =>
    trailsOf(region).send(new DescribeTrailsCommand({ includeShadowTrails: true })),
  );
  const read = await Promise.all(trailList.map((trail) => readTrail(trail, { region, trailsOf, call })));
  return read.filter((trail) => trail !== undefined);
}

async function readTrail(trail: Trail, { region, trailsOf, call }: TrailReadContext): Promise<TrailRead | undefined> {
  const arn = required(trail.TrailARN, 'TrailARN', 'DescribeTrails');
  const homeRegion = trail.HomeRegion ?? region;
  // Asked where the trail was made, by its ARN: elsewhere it is but a shadow, and not every call knows those.
  const trails = trailsOf(homeRegion);
  try {
    const status = await call('GetTrailStatus', () => trails.send(new GetTrailStatusCommand({ Name: arn })));
    const selectors = await call('GetEventSelectors', () => trails.send(new GetEventSelectorsCommand({ TrailName: arn })));
    return {
      arn,
      name: trail.Name ?? arn.split('/').at(-1) ?? arn,
      multiRegion: trail.IsMultiRegionTrail ?? false,
      organizationTrail: trail.IsOrganizationTrail ?? false,
      homeRegion,
      logging: status.IsLogging ?? false,
      logsWriteManagementEvents: logsWritesOfOrganizations(selectors),
      ...(status.LatestDeliveryError === undefined || status.LatestDeliveryError === ''
        ? {}
        : { latestDeliveryError: status.LatestDeliveryError }),
    };
  } catch (error) {
    // Deleted since it was listed.
    if (error instanceof AwsError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
