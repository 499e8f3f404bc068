/** Throws, or rejects, when not ready: the error's message says why. A `DegradedError` is shown, and leaves the service ready. */
export type Check = () => Promise<void> | void;

export type Phase = 'starting' | 'running' | 'stopping';

/** A part of a service with a life of its own. */
export interface Component {
  name: string;
  /**
   * Resolves when started, which need not mean ready (`checks` say that). When it rejects, what it had begun is ended already.
   * `signal` is aborted when the service is told to stop meanwhile.
   */
  start(signal?: AbortSignal): Promise<void>;
  /** Finishes what is in hand and ends. Idempotent, also while `start` is pending. */
  stop(): Promise<void>;
  /** Read after `start`. Rejects when the component cannot go on by itself: the service then drains and exits non-zero. */
  readonly done?: Promise<void> | undefined;
  checks?: Record<string, Check> | undefined;
  /** Told when the whole service enters a phase. `stopping` comes before the first `stop`. */
  enter?(phase: Phase): void;
}

/** The checks of many components, for the admin server: `<component>/<check>`. */
export function checksOf(components: readonly Component[]): Record<string, Check> {
  return Object.fromEntries(
    components.flatMap(({ name, checks }) => Object.entries(checks ?? {}).map(([check, run]) => [`${name}/${check}`, run])),
  );
}
