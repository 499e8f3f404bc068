const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** `12 s`, `5 min`, `3 h`, `4 d`: since then, for a sentence. */
export function describeAge(now: Date, then: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - then.getTime()) / 1000));
  // From two of a unit on: "90 min" says more than "1 h".
  const [unit, length] = units.find(([, inSeconds]) => seconds >= 2 * inSeconds) ?? ['s', 1];
  return `${Math.floor(seconds / length)} ${unit}`;
}
