import { loadConfig, runMain, runService } from '@orgtrail/service-runtime';
import { discoveryEnvironment } from './config.js';
import { wireDiscovery } from './wiring.js';

await runMain(async () => {
  const { components, logger, release } = await wireDiscovery(loadConfig(discoveryEnvironment));
  try {
    return await runService({ name: 'discovery', logger, components });
  } finally {
    await release();
  }
});
