import { create, toBinary } from '@bufbuild/protobuf';
import { expect, it } from '@jest/globals';
import { observation, topics } from '@orgtrail/proto';
import { accountChange, encodeChange } from '../changes.fixture.js';
import { maskedPayload } from './masked-payload.js';

const person = 'ana';

it('shows which thing an observation is about, and nothing that a customer wrote, whatever it is called', () => {
  const value = toBinary(
    observation.ObservationSchema,
    create(observation.ObservationSchema, {
      integrationId: 'a3bb189e-8bf9-4888-9912-ace4e6543002',
      subject: 'account:444455556666',
      subjectVersion: 7n,
      configuredName: person,
      configuredTags: { state: person },
      cause: { eventId: 'e-1', eventName: 'TagResource', principalArn: `arn:aws:sts::111122223333:assumed-role/admin/${person}` },
      state: {
        case: 'account',
        value: {
          id: '444455556666',
          name: person,
          email: `${person}@example.com`,
          state: 'ACTIVE',
          tags: { values: { id: person, type: person, [`${person}@example.com`]: 'x' }, fromIndex: false },
        },
      },
    }),
  );
  const { message } = maskedPayload(topics.observations, value);
  expect(message).toMatchObject({
    subject: 'account:444455556666',
    subjectVersion: '7',
    configuredTags: { state: '‹3 characters›' },
    cause: { eventId: 'e-1', eventName: 'TagResource' },
    account: {
      id: '444455556666',
      state: 'ACTIVE',
      tags: { values: { id: '‹3 characters›', '‹15 characters›': '‹1 characters›' } },
    },
  });
  expect(JSON.stringify(message)).not.toContain(person);
});

it('looks into the text of a state as into everything else', () => {
  const change = accountChange('444455556666', {
    version: 7,
    name: person,
    properties: { email: `${person}@example.com`, 'tag.id': person, [`tag.${person}@example.com`]: 'x' },
  });
  const { message } = maskedPayload(topics.graphChanges, encodeChange(change));
  expect(message).toMatchObject({
    present: {
      entity: {
        key: 'arn:aws:iam::444455556666:root',
        displayName: '‹3 characters›',
        properties: { status: 'ACTIVE', 'tag.id': '‹3 characters›' },
      },
      relationships: [{ toKey: 'arn:aws:iam::444455556666:root' }, { class: 'HAS' }],
    },
  });
  expect(JSON.stringify(message)).not.toContain(person);
});
