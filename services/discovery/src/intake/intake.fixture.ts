import type pg from 'pg';

/** While it is held, nothing can be taken in. */
export async function holdEvents(pool: pg.Pool): Promise<() => Promise<void>> {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE discovery.events IN EXCLUSIVE MODE');
  return async () => {
    await client.query('COMMIT');
    client.release();
  };
}

/** EventBridge's event of an account that was moved. */
export function moveOf({
  eventID = crypto.randomUUID(),
  accountId = '444455556666',
  from = '111122223333',
  principalArn = 'arn:aws:iam::111122223333:user/a',
}: {
  eventID?: string;
  accountId?: string;
  /** The account whose event bus it comes from. */
  from?: string;
  principalArn?: string;
} = {}): string {
  return JSON.stringify({
    account: from,
    time: '2026-11-24T12:00:20Z',
    detail: {
      eventID,
      eventSource: 'organizations.amazonaws.com',
      eventName: 'MoveAccount',
      eventTime: '2026-11-24T12:00:03Z',
      userIdentity: { arn: principalArn },
      requestParameters: { accountId },
    },
  });
}
