import { parse, Problem, type Answer, type Route } from '@orgtrail/service-runtime';
import { z } from 'zod';
import { maskedPayload } from '../dead-letters/masked-payload.js';
import { discardDeadLetters, replayDeadLetters } from '../dead-letters/resolve.js';
import { selectAdminActions } from '../sql/admin-actions.js';
import type { Chosen } from '../sql/resolve-dead-letters.js';
import { selectDeadLetter } from '../sql/select-dead-letter.js';
import { selectDeadLetters } from '../sql/select-dead-letters.js';
import type { GraphWriterApiContext } from './graph-writer-api.js';

const path = '/v1/dead-letters';

/** Records that failed for a reason of their own, for operators. */
export function deadLetterRoutes({ pool, bus }: GraphWriterApiContext): readonly Route[] {
  return [
    {
      method: 'get',
      path,
      role: 'reader',
      action: 'list dead letters',
      handle: async ({ query }) => {
        const { limit, ...filter } = parse(listQuery, query);
        const found = await selectDeadLetters(pool, filter, limit + 1);
        return { status: 200, body: { deadLetters: found.slice(0, limit), hasMore: found.length > limit } };
      },
    },
    {
      method: 'get',
      path: '/v1/dead-letter-actions',
      role: 'reader',
      action: 'list what administrators did in the graph',
      handle: async ({ query }) => {
        const { limit } = parse(z.strictObject({ limit: listQuery.shape.limit }), query);
        return { status: 200, body: { actions: await selectAdminActions(pool, limit) } };
      },
    },
    {
      method: 'get',
      path: `${path}/:id`,
      role: 'reader',
      action: 'show a dead letter, its content masked',
      handle: async ({ param }) => {
        const letter = await selectDeadLetter(pool, parse(number, param('id')));
        if (letter === undefined) throw new Problem(404, `There is no dead letter ${param('id')}: GET ${path} lists them.`);
        const { recordValue, headers, ...row } = letter;
        return {
          status: 200,
          body: {
            ...row,
            headers: Object.keys(headers).sort(),
            payload: recordValue === null ? null : maskedPayload(row.topic, recordValue),
          },
        };
      },
    },
    {
      method: 'post',
      path: `${path}/replay`,
      role: 'admin',
      action: 'replay dead letters',
      handle: async ({ user, body }) => {
        const chosen = parse(choice, body);
        return answered('replayed', chosen, await replayDeadLetters({ pool, bus, chosen, by: user.name }));
      },
    },
    {
      method: 'post',
      path: `${path}/discard`,
      role: 'admin',
      action: 'discard dead letters',
      handle: async ({ user, body }) => {
        const chosen = parse(choice, body);
        return answered('discarded', chosen, await discardDeadLetters({ pool, chosen, by: user.name }));
      },
    },
  ];
}

function answered(done: 'replayed' | 'discarded', chosen: Chosen, ids: readonly string[]): Answer {
  const notOpen = 'ids' in chosen ? chosen.ids.filter((id) => !ids.includes(id)) : [];
  return { status: 200, body: { [done]: ids, notOpen } };
}

const mostAtOnce = 1000;
const number = z.string().regex(/^[1-9]\d{0,17}$/, 'the number of a dead letter as the list shows it, for example 17');
const text = z.string().min(1).max(256);

const rightTime = 'a time such as 2026-11-26T12:00:00Z, in the years 0001 to 9999';
/** In UTC: Postgres knows neither the year 0 nor an offset of 16 hours or more (SQLSTATE 22008, 22009). */
const time = z.iso
  .datetime({ offset: true, error: rightTime })
  .transform((given) => new Date(given).toISOString())
  .refine((utc) => /^(?!0000)\d{4}-/.test(utc), rightTime);

const listQuery = z.strictObject({
  state: z.enum(['open', 'resolved', 'all']).default('open'),
  code: text.optional(),
  topic: text.optional(),
  key: text.optional(),
  since: time.optional(),
  before: number.optional(),
  limit: z.coerce.number('how many, 1 to 1000').int().min(1).max(1000).default(100),
});

const choice = z.union(
  [
    z.strictObject({ ids: z.array(number).min(1).max(mostAtOnce) }),
    z.strictObject({ code: text }),
    z.strictObject({ all: z.literal(true) }),
  ],
  'which ones: {"ids": ["17"]} (at most 1,000), {"code": "CONTRACT_VIOLATION"} or {"all": true}',
);
