import { expect, it } from '@jest/globals';
import { fairShare } from './fair-share.js';

it.each([
  { integrations: 1, replicas: 1, share: 1 },
  { integrations: 1, replicas: 3, share: 1 },
  { integrations: 5, replicas: 2, share: 3 },
  { integrations: 6, replicas: 2, share: 3 },
  { integrations: 0, replicas: 2, share: 0 },
  // Before this replica has said that it lives.
  { integrations: 4, replicas: 0, share: 4 },
])('$integrations integrations on $replicas replicas are at most $share for each', ({ share, ...of }) => {
  expect(fairShare(of)).toBe(share);
});
