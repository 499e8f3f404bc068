import { graphSchema } from './0001-graph.js';
import { graphViews } from './0002-views.js';
import { graphMembers } from './0003-members.js';
import { graphMemberColumns } from './0004-member-columns.js';
import { graphOwnedRelationships } from './0005-owned-relationships.js';
import { graphSqlForPeople } from './0006-sql-for-people.js';
import { graphFeedSchema } from './0007-feed.js';
import { graphDeadLetterActions } from './0008-dead-letter-actions.js';
import { graphPurge } from './0009-purge.js';
import { graphShortRelationships } from './0010-short-relationships.js';
import { graphLateCauses } from './0011-late-causes.js';
import { graphFoundBy } from './0012-found-by.js';
import { graphBoundFunctions } from './0013-bound-functions.js';
import { graphHistoryBegins } from './0014-history-begins.js';
import { graphFeedWithinABatch } from './0015-feed-within-a-batch.js';
import { graphEmptiedTables } from './0016-emptied-tables.js';
import { graphRefusedLimits } from './0017-refused-limits.js';

export const migrations = [
  graphSchema,
  graphViews,
  graphMembers,
  graphMemberColumns,
  graphOwnedRelationships,
  graphSqlForPeople,
  graphFeedSchema,
  graphDeadLetterActions,
  graphPurge,
  graphShortRelationships,
  graphLateCauses,
  graphFoundBy,
  graphBoundFunctions,
  graphHistoryBegins,
  graphFeedWithinABatch,
  graphEmptiedTables,
  graphRefusedLimits,
] as const;
