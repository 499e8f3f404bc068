import { policyAllows } from '../resource-policy.js';
import type { Queues } from '../sqs/queues.js';
import { EventBus, isApiDestination, type Rule, type RuleTarget } from './event-bus.js';
import type { EventPoster, Posting } from './post-event.js';
import { messageOf } from './target-message.js';

interface Collaborators {
  partition: string;
  queues: Queues;
  /** The organization that an account is in. */
  organizationOf: (accountId: string) => string | undefined;
  poster: EventPoster;
  /** The simulated time, epoch milliseconds. */
  now: () => number;
}

/** An event in EventBridge's envelope. */
export interface BusEvent {
  readonly detail?: unknown;
  readonly [member: string]: unknown;
}

interface Place {
  accountId: string;
  region: string;
}

/** Which borders an event has crossed. */
export interface Journey {
  readonly account?: boolean;
  readonly region?: boolean;
}

interface Delivery {
  bus: EventBus;
  rule: Rule;
  target: RuleTarget;
  event: BusEvent;
  journey: Journey;
}

interface Refusal {
  code: string;
  message: string;
  /** More attributes, of what was tried again. */
  tried?: Record<string, string>;
}

const service = 'events.amazonaws.com';

/** The default buses of all accounts and Regions, and the way from there to the targets. */
export class EventBuses {
  readonly #with: Collaborators;
  readonly #buses = new Map<string, EventBus>();

  constructor(collaborators: Collaborators) {
    this.#with = collaborators;
  }

  /** Every account has one in every Region. */
  at({ accountId, region }: Place): EventBus {
    const key = `${region} ${accountId}`;
    const there = this.#buses.get(key);
    if (there !== undefined) return there;
    const made = new EventBus({ partition: this.#with.partition, accountId, region }, this.#with.now);
    this.#buses.set(key, made);
    return made;
  }

  /** Puts an event on a bus, from where its rules take it to their targets. */
  put(place: Place, event: BusEvent, journey: Journey = {}): void {
    for (const { bus, rule, target } of this.#taken(place, event)) {
      const refusal = this.#deliver({ bus, rule, target, event, journey });
      // What is refused is not tried again: it goes to the dead-letter queue, or is gone.
      if (refusal !== undefined) this.#setAside({ rule, target, event }, refusal);
    }
  }

  #setAside({ rule, target, event }: Pick<Delivery, 'rule' | 'target' | 'event'>, refusal: Refusal): void {
    const { deadLetterArn } = target;
    if (deadLetterArn === undefined || this.#refusalOfQueue(deadLetterArn, rule) !== undefined) return;
    const { code, message, tried = {} } = refusal;
    this.#with.queues.get(deadLetterArn)?.messages.send(JSON.stringify(event), {
      attributes: { RULE_ARN: rule.arn, TARGET_ARN: target.arn, ERROR_CODE: code, ERROR_MESSAGE: message, ...tried },
    });
  }

  /** Whether a rule takes the event to a target of any kind, whatever becomes of it there. */
  takes(place: Place, event: BusEvent): boolean {
    return this.#taken(place, event).length > 0;
  }

  #taken(place: Place, event: BusEvent): { bus: EventBus; rule: Rule; target: RuleTarget }[] {
    const bus = this.at(place);
    return bus.rules
      .filter((rule) => letsThrough(rule, event))
      .flatMap((rule) => [...rule.targets.values()].map((target) => ({ bus, rule, target })));
  }

  /** Hands over one event, or says why not. Targets of other kinds take everything, and nothing comes of it. */
  #deliver({ bus, rule, target, event, journey }: Delivery): Refusal | undefined {
    const { arn } = target;
    const [, , kind, region = '', accountId = ''] = arn.split(':');
    if (kind === 'sqs') {
      const refusal = this.#refusalOfQueue(arn, rule);
      if (refusal === undefined) this.#with.queues.get(arn)?.messages.send(messageOf(event, target));
      return refusal;
    }
    if (isApiDestination(arn)) {
      this.#with.poster.post(this.#postingOf({ rule, target, event }));
      return undefined;
    }
    if (kind !== 'events') return undefined;
    const crosses = { account: accountId !== bus.accountId, region: region !== bus.region };
    const refusal = this.#refusalOfBus(bus, { accountId, region }, { crosses, journey });
    if (refusal === undefined) {
      this.put({ accountId, region }, event, {
        account: crosses.account || journey.account === true,
        region: crosses.region || journey.region === true,
      });
    }
    return refusal;
  }

  #postingOf({ rule, target, event }: Pick<Delivery, 'rule' | 'target' | 'event'>): Posting {
    const [, , , region = '', accountId = ''] = target.arn.split(':');
    const { apiDestinations } = this.at({ accountId, region });
    const numberOf = (name: string, byDefault: number): number => Number(target.retryPolicy?.[name] ?? byDefault);
    return {
      body: messageOf(event, target),
      find: () => {
        const destination = apiDestinations.destinations.find(({ arn }) => arn === target.arn);
        const connection = apiDestinations.connections.find(({ arn }) => arn === destination?.connectionArn);
        return destination && connection && { destination, connection };
      },
      mostRetries: numberOf('MaximumRetryAttempts', 185),
      longestMs: numberOf('MaximumEventAgeInSeconds', 86_400) * 1000,
      onGivenUp: ({ code, message, retries, exhausted }) =>
        this.#setAside(
          { rule, target, event },
          {
            code,
            message,
            tried: {
              RETRY_ATTEMPTS: String(retries),
              ...(exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: exhausted }),
            },
          },
        ),
    };
  }

  /** One border between accounts and one between Regions may be crossed on the way. */
  #refusalOfBus(from: EventBus, to: Place, { crosses, journey }: { crosses: Journey; journey: Journey }): Refusal | undefined {
    if (crosses.account && journey.account) {
      return { code: 'THIRD_ACCOUNT_HOP_DETECTED', message: 'The event came from another account already.' };
    }
    if (crosses.region && journey.region) {
      return { code: 'THIRD_REGION_HOP_DETECTED', message: 'The event came from another Region already.' };
    }
    const bus = this.at(to);
    if (bus === from) return { code: 'INVALID_PARAMETER', message: 'A bus is no target of its own rules.' };
    const organizationId = this.#with.organizationOf(from.accountId);
    const allowed =
      !crosses.account ||
      policyAllows(bus.policy, {
        principal: { accountId: from.accountId },
        action: 'events:PutEvents',
        resource: bus.arn,
        context: organizationId === undefined ? {} : { 'aws:principalorgid': organizationId },
      });
    return allowed
      ? undefined
      : { code: 'NO_PERMISSIONS', message: `The policy of ${bus.arn} does not let ${from.accountId} in.` };
  }

  #refusalOfQueue(queueArn: string, rule: Rule): Refusal | undefined {
    const queue = this.#with.queues.get(queueArn);
    if (queue === undefined) return { code: 'NO_RESOURCE', message: `The queue ${queueArn} does not exist.` };
    const allowed = policyAllows(queue.attributes['Policy'], {
      principal: { service },
      action: 'sqs:SendMessage',
      resource: queueArn,
      context: { 'aws:sourcearn': rule.arn, 'aws:sourceaccount': rule.arn.split(':')[4] ?? '' },
    });
    if (!allowed) return { code: 'NO_PERMISSIONS', message: `The policy of ${queueArn} lets the rule send nothing.` };
    // The policy of the key that AWS manages can not be changed, so EventBridge is never let in.
    if (queue.attributes['KmsMasterKeyId'] === 'alias/aws/sqs') {
      return { code: 'NO_PERMISSIONS', message: `The key of ${queueArn} cannot be used by EventBridge.` };
    }
    return undefined;
  }
}

/** A rule that is just enabled sees no reads that CloudTrail logged. */
function letsThrough({ state, matches }: Rule, event: BusEvent): boolean {
  if (state === 'DISABLED') return false;
  const { detail } = event;
  const isRead = typeof detail === 'object' && detail !== null && 'readOnly' in detail && detail.readOnly === true;
  return (state === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' || !isRead) && matches(event);
}
