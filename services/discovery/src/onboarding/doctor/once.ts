/** The same answer for everybody who asks: facts are read once an examination, by whoever needs them first. */
export function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= read());
}
