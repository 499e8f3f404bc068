import { graphSchema } from './0001-graph.js';
import { graphViews } from './0002-views.js';

export const migrations = [graphSchema, graphViews] as const;
