import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 collect garbage when the heap is half again as large as what lived in it, and not only at three or four times that, and keeps the
 * space for what is new small: a sync of a large organization makes much garbage and keeps little, and memory is what a container is charged
 * for. Must come before the work begins.
 */
export function keepHeapModest(): void {
  setFlagsFromString('--heap-growing-percent=50');
  setFlagsFromString('--semi-space-growth-factor=1');
}
