/** A consumer in a process of its own, for the tests that kill or freeze it. It reports on standard output, one JSON document a line. */
import { once } from 'node:events';
import { connectBus } from './connect.js';
import type { MemberReport, MemberTask } from './member-process.js';

const { address, topic, group, handling } = JSON.parse(process.argv[2] ?? '') as MemberTask;
const report = (line: MemberReport): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const bus = await connectBus(address);
const consumption = bus.consume({
  topics: [topic],
  group,
  onBatch: async ({ records, heartbeat }) => {
    const texts = records.map(({ value }) => String(value));
    report({ handling: texts });
    if (handling === 'for ever') await new Promise(() => undefined);
    if (handling === 'when told') {
      await once(process.stdin, 'data');
      await heartbeat().then(
        () => report({ heartbeat: 'kept' }),
        () => report({ heartbeat: 'lost' }),
      );
    }
    report({ handled: texts });
  },
});
await consumption.ready;
report({ ready: true });
