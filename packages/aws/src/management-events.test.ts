import { describe, expect, it } from '@jest/globals';
import { logsWritesOfOrganizations } from './management-events.js';

const management = { Field: 'eventCategory', Equals: ['Management'] };
const advanced = (...more: { Field: string; Equals?: string[]; NotEquals?: string[]; StartsWith?: string[] }[]) => ({
  AdvancedEventSelectors: [{ FieldSelectors: [management, ...more] }],
});

describe('whether a trail logs the writes of Organizations', () => {
  it.each<[string, Parameters<typeof logsWritesOfOrganizations>[0]]>([
    ['all management events', { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }] }],
    ['writes only', { EventSelectors: [{ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true }] }],
    ['a selector that leaves out the defaults', { EventSelectors: [{}] }],
    ['no selectors, which is the default', {}],
    ['all but those of KMS', { EventSelectors: [{ ExcludeManagementEventSources: ['kms.amazonaws.com'] }] }],
    ['one selector of two', { EventSelectors: [{ ReadWriteType: 'ReadOnly' }, { ReadWriteType: 'WriteOnly' }] }],
    ['advanced: management', advanced()],
    ['advanced: writes', advanced({ Field: 'readOnly', Equals: ['false'] })],
    ['advanced: all but other sources', advanced({ Field: 'eventSource', NotEquals: ['kms.amazonaws.com'] })],
  ])('%s: yes', (_what, selectors) => expect(logsWritesOfOrganizations(selectors)).toBe(true));

  it.each<[string, Parameters<typeof logsWritesOfOrganizations>[0]]>([
    ['reads only', { EventSelectors: [{ ReadWriteType: 'ReadOnly', IncludeManagementEvents: true }] }],
    ['no management events', { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: false }] }],
    ['advanced: reads', advanced({ Field: 'readOnly', Equals: ['true'] })],
    ['advanced: data events', { AdvancedEventSelectors: [{ FieldSelectors: [{ Field: 'eventCategory', Equals: ['Data'] }] }] }],
    ['advanced: another source', advanced({ Field: 'eventSource', StartsWith: ['kms.'] })],
    ['advanced: all but Organizations', advanced({ Field: 'eventSource', NotEquals: ['organizations.amazonaws.com'] })],
    ['advanced: of some callers only', advanced({ Field: 'userIdentity.arn', StartsWith: ['arn:aws:iam::111122223333:role/'] })],
  ])('%s: no', (_what, selectors) => expect(logsWritesOfOrganizations(selectors)).toBe(false));
});
