import path from 'node:path';

export const chart = path.resolve(import.meta.dirname, '..', '..', '..', 'charts', 'orgtrail');
