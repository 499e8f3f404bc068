import { loadConfig, runMain, runService } from '@orgtrail/service-runtime';
import { discoveryEnvironment } from './config.js';
import { keepHeapModest } from './modest-heap.js';
import { wireDiscovery } from './wiring.js';

keepHeapModest();
await runMain(async () => {
  const { components, logger, release } = await wireDiscovery(loadConfig(discoveryEnvironment));
  try {
    return await runService({ name: 'discovery', logger, components });
  } finally {
    await release();
  }
});
