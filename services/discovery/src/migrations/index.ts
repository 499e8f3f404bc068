import type { Migration } from '@orgtrail/database';
import { discoverySchema } from './0001-discovery.js';

export const migrations: readonly Migration[] = [discoverySchema];
