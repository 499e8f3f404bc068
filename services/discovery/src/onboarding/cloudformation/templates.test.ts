import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { deskWith } from '../testing/onboarding.fixture.js';
import { templateFiles } from './cloudformation-way.js';
import { forwardingTemplate } from './forwarding-template.js';
import { managementTemplate } from './management-template.js';
import { membersTemplate } from './members-template.js';

const cfnLint = process.env['ORGTRAIL_TEST_CFN_LINT'];
const files = Object.values(templateFiles).map((write) => write());

describe('the templates', () => {
  it('say in YAML what they say in memory, for readers of YAML 1.1 and of 1.2', () => {
    const templates = [managementTemplate(), membersTemplate(), forwardingTemplate()];
    for (const version of ['1.1', '1.2'] as const) {
      expect(files.map(({ content }) => parse(content, { version }) as unknown)).toEqual(
        templates.map((template) => JSON.parse(JSON.stringify(template)) as unknown),
      );
    }
  });

  (cfnLint === undefined ? it.skip : it)(
    'pass cfn-lint for the Regions of all three partitions',
    () => {
      const desk = deskWith(files);
      try {
        const regions = 'us-east-1 us-gov-west-1 cn-northwest-1';
        const { code, stdout, stderr } = desk.shell(
          `"$CFN_LINT" --regions ${regions} --template ${files.map(({ name }) => name).join(' ')}`,
          { CFN_LINT: cfnLint ?? '' },
        );
        expect({ code, said: stdout + stderr }).toEqual({ code: 0, said: '' });
      } finally {
        desk.remove();
      }
    },
    60_000,
  );

  it('hold no value of an integration and no wildcard action', () => {
    for (const { content } of files) {
      expect(content).not.toMatch(/\d{12}(?!\})/);
      expect(content).not.toMatch(/- "?[a-z]+:\w*\*/);
    }
  });
});
