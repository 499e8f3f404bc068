/** Everything at once. When one fails, the others are ended before this rejects, so that nothing goes on behind its back. */
export async function sideBySide<T extends readonly unknown[]>(
  tasks: { [K in keyof T]: Promise<T[K]> },
  endOthers: (reason: unknown) => void,
): Promise<T> {
  try {
    return await Promise.all(tasks);
  } catch (error) {
    endOthers(error);
    await Promise.allSettled(tasks);
    throw error;
  }
}
