/** How far a bucket holds back after AWS asked to slow down. Pure but for its own state; times in milliseconds. */
export interface Slowdown {
  /** Of the rate, at this moment: 1, or less for a while. */
  share(): number;
  /** Nothing leaves before. */
  pausedUntil(): number;
  /** Seconds of full rate that were earned since the last time it was asked. */
  earn(now: number): number;
  slowDown(now: number, retryAfterMs: number): void;
}

const leastShare = 1 / 16;
/** Without another request to slow down for so long, the share is doubled; from then on every five seconds. */
const quietMs = 10_000;
const recoveryMs = 5_000;
/** Calls that were under way together are refused together: that is one request to slow down. */
const togetherMs = 1_000;
/** More than this is no answer to a burst: somebody's header is wrong. */
const longestPauseMs = 60_000;

export function createSlowdown(begun: number): Slowdown {
  let share = 1;
  let earnedUntil = begun;
  let recoversAt = 0;
  let halvedAt = -Infinity;
  let pausedUntil = 0;

  const earn = (now: number): number => {
    let seconds = 0;
    const earnUntil = (time: number): void => {
      if (time <= earnedUntil) return;
      seconds += ((time - earnedUntil) / 1000) * share;
      earnedUntil = time;
    };
    while (share < 1 && recoversAt <= now) {
      earnUntil(recoversAt);
      share = Math.min(1, share * 2);
      recoversAt += recoveryMs;
    }
    earnUntil(now);
    return seconds;
  };

  return {
    share: () => share,
    pausedUntil: () => pausedUntil,
    earn,
    slowDown: (now, retryAfterMs) => {
      earn(now);
      if (now - halvedAt >= togetherMs) {
        share = Math.max(share / 2, leastShare);
        halvedAt = now;
      }
      recoversAt = now + quietMs;
      pausedUntil = Math.max(pausedUntil, now + Math.min(retryAfterMs, longestPauseMs));
    },
  };
}
