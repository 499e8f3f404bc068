/** Which names came in which scopes. */
export class InScopes {
  private readonly names = new Map<string, Set<string>>();

  /** False where it is there already. */
  add(scope: string, name: string): boolean {
    const known = this.names.get(scope);
    if (known === undefined) {
      this.names.set(scope, new Set([name]));
      return true;
    }
    const count = known.size;
    return known.add(name).size > count;
  }

  clear(): void {
    this.names.clear();
  }
}
