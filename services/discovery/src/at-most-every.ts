/** What strangers can cause as often as they like is told once in this time, with how often it was not. */
export function atMostEvery(
  milliseconds: number,
  now: () => number = () => performance.now(),
): (tell: (untold: number) => void) => void {
  let toldAt = -Infinity;
  let untold = 0;
  return (tell) => {
    if (now() - toldAt < milliseconds) {
      untold += 1;
      return;
    }
    tell(untold);
    toldAt = now();
    untold = 0;
  };
}
