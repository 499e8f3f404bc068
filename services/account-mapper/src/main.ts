import { loadConfig, runMain, runService } from '@orgtrail/service-runtime';
import { accountMapperEnvironment } from './config.js';
import { wireAccountMapper } from './wiring.js';

await runMain(async () => {
  const { components, logger, release } = await wireAccountMapper(loadConfig(accountMapperEnvironment));
  try {
    return await runService({ name: 'account-mapper', logger, components });
  } finally {
    await release();
  }
});
