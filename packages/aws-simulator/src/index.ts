export { startSimulator, type Simulator, type SimulatorActions, type SimulatorOptions } from './simulator.js';
export type { Actions, Actor } from './actions.js';
export { defaultBehaviours, type Behaviours, type Failure, type OccasionalFailure } from './behaviours.js';
export type { EmittedEvent } from './events/event-output.js';
export type { CloudTrailRecord } from './events/record.js';
export type { AccessKeyPair, RoleAssumption } from './sts/identities.js';
export type { RoleActions, RoleTraits } from './sts/role-actions.js';
export type { TrustPolicy, TrustPolicyStatement } from './sts/trust-policy.js';
export type { RecordedAction } from './wire/action-recorder.js';
export { AwsError } from './wire/errors.js';
export { createRandom, type Random } from './random.js';
export type { OrganizationView } from './model/view.js';
export type {
  AccountRecord,
  AccountState,
  DelegationRecord,
  DepartureRecord,
  HandshakeRecord,
  OrganizationalUnitRecord,
  RootRecord,
} from './model/records.js';
export { startLife, type Life, type LifeOptions } from './life/life.js';
export { randomWrite, type RandomWrite } from './life/random-write.js';
export type { SimulatorSnapshot } from './model/snapshot.js';
export { createControlApp } from './control/control-app.js';
export type { SimulatedTruth } from './control/routes.js';
