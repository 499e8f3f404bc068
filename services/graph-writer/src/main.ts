import { loadConfig, runMain, runService } from '@orgtrail/service-runtime';
import { graphWriterEnvironment } from './config.js';
import { wireGraphWriter } from './wiring.js';

await runMain(async () => {
  const { components, logger, release } = await wireGraphWriter(loadConfig(graphWriterEnvironment));
  try {
    return await runService({ name: 'graph-writer', logger, components });
  } finally {
    await release();
  }
});
