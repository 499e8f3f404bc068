import { idPatterns, partsOf, subjectKey, type Part } from '../subjects.js';
import type { EventKind, EventSource, Meaning } from './event-kind.js';
import { lookAt, lookEverywhere } from './event-kind.js';
import { textAt } from './payload.js';

const source: EventSource = 'organizations.amazonaws.com';

export const organizationalUnit: readonly EventKind[] = [
  {
    source,
    name: 'CreateOrganizationalUnit',
    loggedIn: 'management account',
    evidence: 'sample',
    looksAt: 'the new OU, all parts',
    explains: { created: true },
    read: ({ responseElements }) => lookAtUnit(textAt(responseElements, 'organizationalUnit', 'id'), { parts: partsOf.ou }),
  },
  {
    source,
    name: 'UpdateOrganizationalUnit',
    loggedIn: 'management account',
    evidence: { unverified: 'the record as a whole; the ids are expected in the request' },
    looksAt: "the OU's core (its name) and placement",
    explains: { updated: { core: ['name'] } },
    read: ({ requestParameters, responseElements }) =>
      lookAtUnit(textAt(requestParameters, 'organizationalUnitId') ?? textAt(responseElements, 'organizationalUnit', 'id'), {
        parts: ['core', 'placement'],
      }),
  },
  {
    source,
    name: 'DeleteOrganizationalUnit',
    loggedIn: 'management account',
    evidence: { unverified: 'the record as a whole; the ids are expected in the request' },
    looksAt: 'the OU (its departure counts as announced)',
    explains: { ended: true },
    departure: () => 'OU_DELETED',
    read: ({ requestParameters }) =>
      lookAtUnit(textAt(requestParameters, 'organizationalUnitId'), {
        parts: ['core'],
        announcesDeparture: true,
      }),
  },
];

function lookAtUnit(unitId: string | undefined, how: { parts: readonly Part[]; announcesDeparture?: boolean }): Meaning {
  if (unitId === undefined || !idPatterns.ou.test(unitId)) return lookEverywhere('names no organizational unit');
  return lookAt({ subject: subjectKey('ou', unitId), ...how });
}
