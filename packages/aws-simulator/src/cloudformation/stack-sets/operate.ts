import { randomUUID } from 'node:crypto';
import type { Preferences } from './operation-preferences.js';
import type { OperationResult, StackInstance, StackSet, StackSetOperation } from './stack-set.js';

type InstancePlace = Pick<StackInstance, 'accountId' | 'region' | 'organizationalUnitId'>;

/** What is done about one instance; answers with the reason why it failed, if it did. */
interface OperationStep {
  place: InstancePlace;
  run: () => string | undefined;
}

interface About extends Pick<StackSetOperation, 'action'> {
  preferences: Preferences;
  deploymentTargets?: object;
  retainStacks?: boolean;
}

/**
 * Carries out an operation of a stack set, Region by Region, and notes it. What is left of a Region is called off once more accounts failed
 * than are tolerated, and with it all later Regions.
 */
export function operate(
  stackSet: StackSet,
  at: number,
  { action, preferences, deploymentTargets, retainStacks }: About,
  steps: (operationId: string) => OperationStep[][],
): StackSetOperation {
  const id = randomUUID();
  const results: OperationResult[] = [];
  let calledOff = false;
  for (const ofRegion of steps(id)) {
    const tolerated = preferences.tolerated(ofRegion.length);
    let failures = 0;
    for (const { place, run } of ofRegion) {
      if (calledOff) {
        results.push(resultOf(place, 'CANCELLED', 'Cancelled since failure tolerance has exceeded'));
        continue;
      }
      const reason = run();
      results.push(resultOf(place, reason === undefined ? 'SUCCEEDED' : 'FAILED', reason));
      failures += reason === undefined ? 0 : 1;
      calledOff = failures > tolerated;
    }
  }
  const status = calledOff ? 'FAILED' : 'SUCCEEDED';
  const operation = { id, action, status, at, deploymentTargets, preferences: preferences.given, results, retainStacks } as const;
  stackSet.operations.push(operation);
  return operation;
}

const resultOf = (
  { accountId, region, organizationalUnitId }: InstancePlace,
  status: OperationResult['status'],
  reason: string | undefined,
): OperationResult => ({ accountId, region, organizationalUnitId, status, reason });
