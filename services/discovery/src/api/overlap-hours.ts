import { z } from 'zod';

/** How long what is rotated away stays valid. */
export const overlapHours = z
  .number('a number of hours, for example 168')
  .min(0)
  .max(24 * 365)
  .default(168);
