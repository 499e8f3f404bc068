/** Maps with at most `width` calls under way; results in the order of the items. The first failure rejects. */
export async function mapInParallel<T, R>(
  items: readonly T[],
  width: number,
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const open = items.entries();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const [index, item] of open) results[index] = await map(item, index);
    }),
  );
  return results;
}
