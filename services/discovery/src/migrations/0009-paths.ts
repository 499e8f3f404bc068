import type { Migration } from '@orgtrail/database';

export const pathsSchema: Migration = {
  id: 9,
  name: 'paths',
  sql: `
-- Whether AWS says in ListAccounts where accounts hang, as the last sync or walk found it: what is left to read takes longer where it
-- does not. NULL: nobody knows yet.
ALTER TABLE discovery.integrations ADD COLUMN paths_given boolean;
`,
};
