import type { Migration } from '@orgtrail/database';
import { bus } from './0001-bus.js';

export const migrations: readonly Migration[] = [bus];
