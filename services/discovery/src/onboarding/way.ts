import type { OnboardingValues } from './values.js';

/** How the roles, and the way that events take, come into being in the customer's organization. */
export interface OnboardingWay {
  /** What to do, step by step, with every value filled in. */
  text: string;
  /** Opens the console with the stack filled in. */
  link?: string;
  files: OnboardingFile[];
}

export interface OnboardingFile {
  /** With `/` where it belongs into a folder. */
  name: string;
  content: string;
  executable?: true;
}

/** Pure: the same values, the same files. */
export type Generate = (values: OnboardingValues) => OnboardingWay;
