/** What a check found. `unknown` is never good news: nobody knows. */
export type Finding =
  | { status: 'ok'; found: string }
  | { status: 'failed'; found: string; mend: readonly Mend[] }
  | { status: 'unknown'; found: string }
  /** What is asked for does not exist here by choice. */
  | { status: 'not-applicable'; found: string };

/** One thing to do. Texts carry no secret: external ids and credentials stay out of reports that people send on. */
export type Mend =
  /** `as`: with credentials that may change the management account, or as somebody who may administer Orgtrail. */
  | { kind: 'command'; command: string; as: 'management-account' | 'orgtrail' }
  | { kind: 'console'; url: string; text: string }
  | { kind: 'action'; text: string };

/** One question with a stable id. It is judged alone: what it builds upon is named in `needs`, and judged there. */
export interface Check<Examination> {
  /** `<subject>.<aspect>`; never renamed, since people write it into runbooks. */
  id: string;
  asks: string;
  /** Ids of checks without whose answers this one cannot be judged. */
  needs: readonly string[];
  failureMeans: string;
  /** For the documentation: what the report says with the integration's own values. */
  mendedBy: string;
  run(examination: Examination): Promise<Finding>;
}

export const ok = (found: string): Finding => ({ status: 'ok', found });
export const failed = (found: string, ...mend: Mend[]): Finding => ({ status: 'failed', found, mend });
export const unknown = (found: string): Finding => ({ status: 'unknown', found });
export const notApplicable = (found: string): Finding => ({ status: 'not-applicable', found });

export const byCommand = (as: 'management-account' | 'orgtrail', command: string): Mend => ({ kind: 'command', command, as });
export const byAction = (text: string): Mend => ({ kind: 'action', text });
export const byConsole = (url: string, text: string): Mend => ({ kind: 'console', url, text });

/** Judged, or why it was not. */
export interface CheckResult {
  id: string;
  asks: string;
  status: Finding['status'];
  found: string;
  /** With `failed`. */
  means?: string;
  mend?: readonly Mend[];
  /** With `unknown`: checks that have to be mended first. */
  blockedBy?: readonly string[];
  milliseconds: number;
}
