import { BusError } from './port.js';

/** For `ping`: whatever goes wrong, and silence, is one and the same answer. */
export async function answerWithin(ms: number, bus: string, work: Promise<unknown>): Promise<void> {
  const noAnswer = (cause?: unknown): BusError =>
    new BusError(`${bus} did not answer within ${ms / 1000} s`, { code: 'BUS_UNREACHABLE', retriable: true, cause });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(noAnswer()), ms).unref();
  });
  try {
    await Promise.race([work, late]);
  } catch (error) {
    throw error instanceof BusError ? error : noAnswer(error);
  } finally {
    clearTimeout(timer);
  }
}
