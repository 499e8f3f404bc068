export interface RuleRead {
  arn: string;
  /** `ENABLED`, `DISABLED` or `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`. */
  state: string;
  /** Parsed; undefined where the rule has none (a schedule), a string where it is no JSON. */
  pattern: unknown;
}

export interface RuleTargetRead {
  id: string;
  arn: string;
  /** The queue for what could not be delivered. */
  undeliveredArn?: string;
  /** The target gets something else than the event itself. */
  rewritesEvents: boolean;
}

export interface TrailRead {
  arn: string;
  name: string;
  multiRegion: boolean;
  organizationTrail: boolean;
  homeRegion: string;
  logging: boolean;
  /** Writes of Organizations are among the management events that it logs. */
  logsWriteManagementEvents: boolean;
  /** Of the delivery to its bucket. EventBridge gets events all the same. */
  latestDeliveryError?: string;
}

export interface QueueRead {
  arn: string;
  /** Parsed; undefined where there is none, a string where it is no JSON. */
  policy: unknown;
  visible: number;
  inFlight: number;
  delayed: number;
  /** Absent where SQS manages the keys, or nothing is encrypted. */
  kmsKeyId?: string;
  retentionSeconds: number;
}

/** Reads of the way that events take, in the Region of Organizations. Every method rejects with an `AwsError`. */
export interface EventPathReader {
  /** Undefined where there is no such rule on the default bus. */
  rule(name: string): Promise<RuleRead | undefined>;
  targets(ruleName: string): Promise<RuleTargetRead[]>;
  /** All trails that see this Region, also those that were made in another Region or by the organization. */
  trails(): Promise<TrailRead[]>;
  queue(queueUrl: string): Promise<QueueRead>;
}
