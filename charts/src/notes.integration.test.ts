import { expect, it } from '@jest/globals';
import { everything } from './everything.js';
import { chart, describeHelms, required, run } from './helm.js';

describeHelms('$name', (helm) => {
  // Helm 3 asks a cluster even for a dry run of the client.
  if (helm.name === 'Helm 3') return;

  it.each([
    [
      'without an integration',
      {},
      ['port-forward deploy/live-orgtrail-discovery 8085', 'integration create', 'the bus runs in the database'],
    ],
    ['with everything', everything, ['integration configurations', 'ORGTRAIL_TOKEN=', 'Secret api']],
    ['without a queue', { integration: { enabled: true } }, ['Changes are found by syncs only.\n']],
    [
      'with a webhook instead of a queue',
      { integration: { enabled: true }, discovery: { webhook: { enabled: true } } },
      ['Events come by webhook once EventBridge has its secret'],
    ],
  ])('says the next step %s', (_what, values, said) => {
    const { ok, stdout, stderr } = run(helm, ['install', 'live', chart, '--dry-run=client'], { ...required, ...values });
    expect(stderr.replaceAll(/^WARNING.*$/gm, '').trim()).toBe('');
    expect(ok).toBe(true);
    const notes = stdout.slice(stdout.indexOf('NOTES:'));
    for (const sentence of said) expect(notes).toContain(sentence);
  });
});
