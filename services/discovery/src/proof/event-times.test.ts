import { expect, it } from '@jest/globals';
import type { UnpublishedSubject } from '../observed/sql/unpublished-subjects.js';
import { subjectKey } from '../subjects.js';
import { delaysWithUs } from './event-times.js';

const subject = (cause: Partial<NonNullable<UnpublishedSubject['cause']>>): UnpublishedSubject => ({
  subject: subjectKey('account', '111122223333'),
  state: { parts: {}, goneVersion: 0n },
  subjectVersion: 1n,
  cause: { eventId: 'e', eventName: 'MoveAccount', receivedAt: '2026-03-01T12:00:00Z', ...cause },
  baseline: false,
  observedAt: new Date(0),
});
const now = Date.parse('2026-03-01T12:00:02Z');

it('our delay is of what the first reading showed, and not of what AWS showed only to a confirmation', () => {
  expect(delaysWithUs([subject({})], now)).toEqual([2_000]);
  expect(delaysWithUs([subject({ isConfirmed: true })], now)).toEqual([]);
});
