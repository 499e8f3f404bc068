import { expect, it } from '@jest/globals';
import { everything } from './everything.js';
import { describeHelms, render, type KubernetesObject } from './helm.js';

const nameOfAService = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const labelsOf = (object: KubernetesObject): string[] => [
  ...Object.values(object.metadata.labels),
  ...Object.values(object.kind === 'ServiceAccount' ? {} : (object.spec.template?.metadata.labels ?? {})),
];
// Helm takes no release name beyond 53.
const longest = 'r'.repeat(53);
const alike = `${'r'.repeat(52)}s`;

describeHelms('$name', (helm) => {
  it.each([
    ['a usual release', 'live', {}],
    ['a release with dots', 'my.release', {}],
    ['the longest release', longest, {}],
    ['a release cut in the middle of dashes', `${'a-'.repeat(26)}b`, {}],
    ['a full name of 63', 'live', { fullnameOverride: 'f'.repeat(63) }],
    ['a name of 63', longest, { nameOverride: 'n'.repeat(63) }],
  ])('makes names and labels of at most 63 characters of %s', (_what, release, values) => {
    const objects = render(helm, { ...everything, ...values }, release);
    for (const object of objects) {
      expect(object.metadata.name).toMatch(nameOfAService);
      expect(object.metadata.name.length).toBeLessThanOrEqual(63);
      for (const label of labelsOf(object)) expect(label).toMatch(/^(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/);
    }
    const deployments = objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
    expect(deployments.map((name) => /(account-mapper|discovery|graph-writer)$/.exec(name)?.[0])).toEqual(
      expect.arrayContaining(['account-mapper', 'discovery', 'graph-writer']),
    );
  });

  it('keeps two long releases apart that differ in their last character', () => {
    const names = (release: string) => render(helm, everything, release).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const [first, second] = [names(longest), names(alike)];
    expect(new Set([...first, ...second]).size).toBe(first.length + second.length);
  });

  it('does not say orgtrail twice', () => {
    expect(render(helm, {}, 'orgtrail').map(({ metadata }) => metadata.name)).toContain('orgtrail-discovery');
    expect(render(helm, {}, 'my-orgtrail').map(({ metadata }) => metadata.name)).toContain('my-orgtrail-discovery');
  });
});
