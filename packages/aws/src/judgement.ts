/** Three answers: `undefined` is what can not be judged. */
export type Judgement = boolean | undefined;

export const everyOf = (judgements: readonly Judgement[]): Judgement =>
  judgements.includes(false) ? false : judgements.includes(undefined) ? undefined : true;
export const someOf = (judgements: readonly Judgement[]): Judgement =>
  judgements.includes(true) ? true : judgements.includes(undefined) ? undefined : false;
