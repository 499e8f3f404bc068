import { judgeOutcomes, type Outcomes } from '@orgtrail/messaging';

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
export function outcomesWithinBounds(known: Outcomes, added: Outcomes): Outcomes {
  const { outcomes, tooMany } = judgeOutcomes(known, added);
  if (tooMany === undefined) return outcomes;
  const { index, figures } = tooMany;
  throw new TooManyDeadLetters(
    `Too many records cannot be applied (${figures}; the last one: ${added[index] ?? ''}): ` +
      `the producer or this version is wrong, not the records. Nothing is lost. \`orgtrail dead-letters list\` shows those before it; ` +
      `\`discard\` them, or repair what refused them and \`replay\` them: then it goes on within seconds.`,
    { allowed: index, refused: added.length - index },
  );
}
