/** How many of the integrations one replica watches at most, so that all together watch every one. Pure. */
export function fairShare({ integrations, replicas }: { integrations: number; replicas: number }): number {
  return Math.ceil(integrations / Math.max(1, replicas));
}
