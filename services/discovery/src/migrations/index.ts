import { discoverySchema } from './0001-discovery.js';
import { membersSchema } from './0002-members.js';

export const migrations = [discoverySchema, membersSchema] as const;
