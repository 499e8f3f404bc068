/** What an operator asked for and cannot have. The message says why, and what to do. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly kind: 'invalid' | 'not-found' | 'conflict',
    message: string,
    /** For programs. */
    readonly code: string,
    readonly problems?: readonly { field: string; problem: string }[],
  ) {
    super(message);
  }
}
