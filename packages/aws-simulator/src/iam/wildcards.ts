/** Whether a pattern of an IAM policy, with `*` and `?`, covers a text as a whole. */
export function covers(pattern: string, text: string, { ignoreCase = false } = {}): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, ignoreCase ? 'is' : 's').test(text);
}
