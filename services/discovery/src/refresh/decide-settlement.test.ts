import { describe, expect, it } from '@jest/globals';
import { AwsError } from '@orgtrail/aws';
import { decideSettlement, type ConfirmationPolicy } from './decide-settlement.js';
import type { RefreshRequest } from './sql/claim-due-requests.js';

const policy: ConfirmationPolicy = { confirmAfterSeconds: [30, 300], confirmNotFoundAfterSeconds: 30, maximumRetrySeconds: 300 };
const request = (given: Partial<RefreshRequest> = {}) => ({
  reason: 'event' as const,
  parts: ['core' as const],
  departureAnnounced: false,
  confirmations: 0,
  notFound: 0,
  attempts: 0,
  ...given,
});
const notFound = { gone: { part: 'existence', version: 7n, gone: 'not-found' } as const, unread: [] };
const read = { unread: [] };
const live = { isLive: true, policy };

describe('what becomes of a refresh request', () => {
  it('is read again after about 30 s and 5 min when an event asked for it', () => {
    expect(decideSettlement(request(), read, live).settlement).toEqual({ outcome: 'confirm', afterSeconds: 30, notFound: 0 });
    expect(decideSettlement(request({ confirmations: 1 }), read, live).settlement).toEqual({
      outcome: 'confirm',
      afterSeconds: 270,
      notFound: 0,
    });
    expect(decideSettlement(request({ confirmations: 2 }), read, live).settlement).toEqual({ outcome: 'done' });
  });

  it('is done after one good read when a listing asked for it', () => {
    expect(decideSettlement(request({ reason: 'nominated' }), read, live).settlement).toEqual({ outcome: 'done' });
  });

  it('asks once more before a not-found ends a live subject that no event announced as leaving', () => {
    const first = decideSettlement(request({ reason: 'nominated' }), notFound, live);
    expect(first).toEqual({ acceptGone: false, settlement: { outcome: 'confirm', afterSeconds: 30, notFound: 1 } });
    const second = decideSettlement(request({ reason: 'nominated', notFound: 1 }), notFound, live);
    expect(second).toEqual({ acceptGone: true, settlement: { outcome: 'done' } });
  });

  it('accepts a not-found at once when the departure was announced, or when nothing lives that could be lost', () => {
    expect(decideSettlement(request({ departureAnnounced: true }), notFound, live).acceptGone).toBe(true);
    expect(decideSettlement(request(), notFound, { isLive: false, policy }).acceptGone).toBe(true);
  });

  it('accepts the absence from a complete list that is the only read of its kind', () => {
    const absent = { gone: { part: 'existence', version: 7n, gone: 'absent-from-complete-list' } as const, unread: [] };
    expect(decideSettlement(request(), absent, live).acceptGone).toBe(true);
  });

  it('accepts how an invitation ended as soon as its list says so', () => {
    const expired = { gone: { part: 'existence', version: 7n, gone: 'expired' } as const, unread: [] };
    expect(decideSettlement(request({ reason: 'expiry' }), expired, live)).toEqual({
      acceptGone: true,
      settlement: { outcome: 'done' },
    });
  });

  describe('tags of whom AWS does not know', () => {
    const error = new AwsError('no such target', { kind: 'not-found', operation: 'ListTagsForResource' });
    const missing = { unread: [{ part: 'tags' as const, error }] };
    const decide = (given: Partial<RefreshRequest>, options = live) =>
      decideSettlement(request({ parts: ['tags'], ...given }), missing, options);

    it('are nobody’s where nothing lives', () => {
      expect(decide({}, { isLive: false, policy })).toEqual({ acceptGone: false, settlement: { outcome: 'done' } });
    });

    it('are tried again for a minute where it lives for us: AWS shows a new account bit by bit', () => {
      expect(decide({ attempts: 5 }).settlement).toMatchObject({ outcome: 'retry', parts: ['tags'], afterSeconds: 32 });
    });

    it('then stay as they are known, so that nobody retries for days what is held', () => {
      const [reason, attempts] = ['index-differs', 6] as const;
      expect(decide({ reason, attempts })).toEqual({ acceptGone: false, settlement: { outcome: 'done' } });
      expect(decide({ attempts, confirmations: 1 }).settlement).toMatchObject({ outcome: 'confirm', afterSeconds: 270 });
      expect(decide({ attempts, confirmations: 2 }).settlement).toEqual({ outcome: 'done' });
    });

    it.each(['unread', 'unconfirmed'] as const)('stay due where they were never read (%s)', (reason) => {
      expect(decide({ reason, attempts: 6 }).settlement).toMatchObject({ outcome: 'retry' });
    });
  });

  it('keeps what was not read due, with a growing and bounded wait, and never takes a failure for an ending', () => {
    const failed = { unread: [{ part: 'tags' as const, error: new Error('AccessDenied') }] };
    expect(decideSettlement(request({ reason: 'unread', parts: ['core', 'tags'] }), failed, live)).toEqual({
      acceptGone: false,
      settlement: { outcome: 'retry', parts: ['tags'], afterSeconds: 1, error: 'tags: AccessDenied' },
    });
    expect(decideSettlement(request({ attempts: 40 }), failed, live).settlement).toMatchObject({ afterSeconds: 300 });
  });
});
