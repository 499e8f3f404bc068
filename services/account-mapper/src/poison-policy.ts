/** How many dead letters are too many: then it is not the records that are sick (invariant 7). */
const mostInARow = 20;
const window = 1000;
const mostInWindow = 50;

/** Of a partition's records, oldest first: whether they became dead letters. */
export type Outcomes = readonly boolean[];

export interface Judgement {
  /** Those that count from now on. */
  outcomes: Outcomes;
  /** Which of the new ones is the first beyond the bounds, and by how much; undefined when none is. */
  tooMany?: { index: number; figures: string };
}

/** Whether the stream itself looks sick after one of the new ones. Pure. */
export function judgeOutcomes(known: Outcomes, added: Outcomes): Judgement {
  const outcomes = [...known];
  let tooMany: Judgement['tooMany'];
  for (const [index, isDead] of added.entries()) {
    outcomes.push(isDead);
    if (outcomes.length > window) outcomes.shift();
    if (!isDead || tooMany) continue;
    const inARow = outcomes.length - 1 - outcomes.lastIndexOf(false);
    const inWindow = outcomes.filter(Boolean).length;
    if (inARow > mostInARow || (outcomes.length === window && inWindow > mostInWindow)) {
      tooMany = { index, figures: `${inARow} in a row, ${inWindow} of the last ${outcomes.length}` };
    }
  }
  return { outcomes, ...(tooMany ? { tooMany } : {}) };
}
