import { describe, expect, it } from '@jest/globals';
import { createSessionProof } from './session-proof.js';

const setUp = () => {
  const session = { id: 'o-ours', calls: 0, now: 0 };
  const prove = createSessionProof({
    organizationId: 'o-ours',
    describeOrganization: () => {
      session.calls += 1;
      return session.id === 'denied' ? Promise.reject(new Error('denied')) : Promise.resolve({ ...organization, id: session.id });
    },
    validMs: 15_000,
    now: () => session.now,
  });
  return { session, prove };
};
const organization = { arn: '', partition: 'aws', managementAccountId: '', managementAccountArn: '', featureSet: 'ALL' };

describe('the proof that a session reads our organization', () => {
  it('is one call for all who ask while it is valid', async () => {
    const { session, prove } = setUp();
    await Promise.all([prove(), prove()]);
    session.now = 14_999;
    await prove();
    expect(session.calls).toBe(1);
    session.now = 15_000;
    await prove();
    expect(session.calls).toBe(2);
  });

  it('fails in another organization, and where it cannot be had; then it is asked for again', async () => {
    const { session, prove } = setUp();
    session.id = 'o-other';
    const refused = expect.objectContaining({ message: expect.stringContaining('read organization o-other, but') });
    expect(await Promise.allSettled([prove(), prove()])).toEqual([
      { status: 'rejected', reason: refused },
      { status: 'rejected', reason: refused },
    ]);
    session.id = 'denied';
    await expect(prove()).rejects.toThrow('denied');
    session.id = 'o-ours';
    await prove();
    expect(session.calls).toBe(3);
  });
});
