/** A date of AWS is cut to its second: on average it is half a second older than it says. */
const cutMs = 500;
/** A slower answer says too little about when AWS wrote its date. Long polls are such. */
const longestAnswerMs = 2_000;

export interface ClockSkew {
  heard(answer: { date: string | undefined; begunAt: number; endedAt: number }): void;
  /** Ours minus AWS's, of the latest answer; good to about a second. Undefined before the first. */
  milliseconds(): number | undefined;
}

/** How far our clock is from AWS's, as the `Date` header of its answers tells, refusals included. */
export function createClockSkew(): ClockSkew {
  let skew: number | undefined;
  return {
    heard: ({ date, begunAt, endedAt }) => {
      const said = Date.parse(date ?? '');
      if (Number.isNaN(said) || endedAt - begunAt > longestAnswerMs) return;
      skew = Math.round((begunAt + endedAt) / 2 - (said + cutMs));
    },
    milliseconds: () => skew,
  };
}
