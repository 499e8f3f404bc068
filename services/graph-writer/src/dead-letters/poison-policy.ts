/** How many dead letters are too many: then it is not the records that are sick (invariant 7). */
const mostInARow = 20;
const mostInWindow = 50;
export const poisonWindow = 1000;

/** What became of a partition's records, oldest first: the code of a dead letter, or null. */
export type Outcomes = readonly (string | null)[];

/** Too many records of a partition cannot be applied: it stands still until an operator acts. */
export class TooManyDeadLetters extends Error {
  override readonly name = 'TooManyDeadLetters';
  /** How many of the new records are still within the bounds. */
  readonly allowed: number;
  /** How many are not, the last ones. At least one. */
  readonly refused: number;
  constructor(message: string, { allowed, refused }: { allowed: number; refused: number }) {
    super(message);
    this.allowed = allowed;
    this.refused = refused;
  }
}

/** The outcomes that count from now on. Pure. Throws `TooManyDeadLetters` when the partition looks sick after one of the new ones. */
export function judgeOutcomes(known: Outcomes, added: Outcomes): Outcomes {
  const outcomes = [...known];
  for (const [index, code] of added.entries()) {
    outcomes.push(code);
    if (outcomes.length > poisonWindow) outcomes.shift();
    if (code === null) continue;
    const inARow = outcomes.length - 1 - outcomes.lastIndexOf(null);
    const inWindow = outcomes.filter((outcome) => outcome !== null).length;
    if (inARow > mostInARow || (outcomes.length === poisonWindow && inWindow > mostInWindow)) {
      throw new TooManyDeadLetters(
        `Too many records cannot be applied (${inARow} in a row, ${inWindow} of the last ${outcomes.length}; the last one: ${code}): ` +
          `the producer or this version is wrong, not the records. Nothing is lost. \`orgtrail dead-letters list\` shows those before it; ` +
          `\`discard\` them, or repair what refused them and \`replay\` them: then it goes on within seconds.`,
        { allowed: index, refused: added.length - index },
      );
    }
  }
  return outcomes;
}
