/** What the building leaves for the scenario. */
export interface Handover {
  startedAt: string;
  repository: string;
  /** Seconds by image, of those that were built. */
  built: Record<string, number>;
}
