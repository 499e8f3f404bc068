import { randomUUID } from 'node:crypto';
import type { DeployedResource, Stack } from './stack.js';

/** Something happened to a resource of a stack. */
export function noteResource(
  stack: Stack,
  resource: Pick<DeployedResource, 'logicalId' | 'declared' | 'made' | 'properties'>,
  status: string,
  at: number,
  reason?: string,
): void {
  const { logicalId, declared, made, properties } = resource;
  stack.events.push({
    id: `${logicalId}-${randomUUID()}`,
    logicalId,
    physicalId: made.physicalId,
    type: declared.type,
    status,
    reason,
    properties: JSON.stringify(properties),
    at,
  });
}

/** Something happened to a stack as a whole. */
export function noteStack(stack: Stack, status: string, at: number, reason?: string): void {
  stack.events.push({
    id: randomUUID(),
    logicalId: stack.name,
    physicalId: stack.id,
    type: 'AWS::CloudFormation::Stack',
    status,
    reason,
    properties: undefined,
    at,
  });
}
