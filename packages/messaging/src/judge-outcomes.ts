/** How many dead letters are too many: then it is not the records that are sick (invariant 7). */
const mostInARow = 20;
const mostInWindow = 50;
/** So many of the last records of a partition count. */
export const outcomeWindow = 1000;

/** What became of a partition's records, oldest first: the code of a dead letter, or null. */
export type Outcomes = readonly (string | null)[];

export interface Judgement {
  /** Those that count from now on. */
  outcomes: Outcomes;
  /** Which of the new ones is the first beyond the bounds, and by how much; undefined when none is. */
  tooMany?: { index: number; figures: string };
}

/** Whether the partition itself looks sick after one of the new ones. Pure. */
export function judgeOutcomes(known: Outcomes, added: Outcomes): Judgement {
  const outcomes = [...known];
  let tooMany: Judgement['tooMany'];
  for (const [index, code] of added.entries()) {
    outcomes.push(code);
    if (outcomes.length > outcomeWindow) outcomes.shift();
    if (code === null || tooMany) continue;
    const inARow = outcomes.length - 1 - outcomes.lastIndexOf(null);
    const inWindow = outcomes.filter((outcome) => outcome !== null).length;
    if (inARow > mostInARow || (outcomes.length === outcomeWindow && inWindow > mostInWindow)) {
      tooMany = { index, figures: `${inARow} in a row, ${inWindow} of the last ${outcomes.length}` };
    }
  }
  return { outcomes, ...(tooMany ? { tooMany } : {}) };
}
