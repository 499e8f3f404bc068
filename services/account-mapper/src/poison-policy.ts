/** How many dead letters are too many: then it is not the records that are sick (invariant 7). */
const mostInARow = 20;
const window = 1000;
const mostInWindow = 50;

export interface PoisonPolicy {
  processed(): void;
  /** Throws when the stream itself looks sick. */
  deadLettered(): void;
}

export function createPoisonPolicy(): PoisonPolicy {
  const recent: boolean[] = [];
  let inARow = 0;
  const note = (dead: boolean) => {
    recent.push(dead);
    if (recent.length > window) recent.shift();
    inARow = dead ? inARow + 1 : 0;
  };
  return {
    processed: () => note(false),
    deadLettered: () => {
      note(true);
      const inWindow = recent.filter(Boolean).length;
      if (inARow > mostInARow || (recent.length >= window && inWindow > mostInWindow)) {
        throw new Error(
          `Too many records cannot be processed (${inARow} in a row, ${inWindow} of the last ${recent.length}): the producer or this version is wrong, not the records. Stopped; nothing is lost.`,
        );
      }
    },
  };
}
