import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hclString, shellWord } from './quoting.js';
import { deskWith } from './testing/onboarding.fixture.js';

const python = process.env['ORGTRAIL_TEST_PYTHON'];
const nasty = fc.string({ unit: fc.constantFrom(...Array.from(`'"\\\`$(){}%&#;|<>*?!~ \t\n\rab=-世\u{1f9ea}`)) });
const texts = fc.array(fc.oneof(nasty, fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 200 });

describe('quoting', () => {
  it('gives a shell back every text as one word', () => {
    fc.assert(
      fc.property(texts, (given) => {
        // A shell cannot hold a NUL at all, and loses what is no Unicode.
        const words = given.map((text) => text.replaceAll('\0', '').toWellFormed());
        const said = execFileSync('bash', ['-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`], { encoding: 'utf8' });
        expect(said.split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 20 },
    );
  });

  (python === undefined ? it.skip : it)(
    'gives an HCL parser back every text, without expressions',
    () => {
      // The parser does not read an escaped beginning of an expression that has no end, nor a $ before one; Terraform does.
      const parts = ["'", '"', '\\', ' ', 'a', '世', '#', '&+', 'b$(c)`d`', 'e${f}', 'g%{h}', '50%', '\t'];
      const visible = fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((some) => some.join(''));
      fc.assert(
        fc.property(fc.array(visible, { minLength: 1, maxLength: 100 }), (given) => {
          const desk = deskWith([
            { name: 'main.tf', content: given.map((text, index) => `v${index} = ${hclString(text)}\n`).join('') },
          ]);
          try {
            const read = desk.shell(
              `"$PYTHON" -c 'import hcl2, json; print(json.dumps(hcl2.load(open("main.tf", encoding="utf-8"))))'`,
              { PYTHON: python ?? '' },
            );
            expect(read.stderr).toBe('');
            const parsed = JSON.parse(read.stdout) as Record<string, string>;
            expect(given.map((_, index) => unescaped(parsed[`v${index}`] ?? ''))).toEqual(given);
          } finally {
            desk.remove();
          }
        }),
        { numRuns: 8 },
      );
    },
    60_000,
  );
});

/** python-hcl2 gives strings back as they are written. Written by the rules of HCL, not as the opposite of ours. */
function unescaped(written: string): string {
  expect(written.startsWith('"') && written.endsWith('"')).toBe(true);
  const inside = written.slice(1, -1);
  // A sequence of two that is not doubled would begin an expression.
  expect(inside.replace(/\$\$\{|%%\{/g, '')).not.toMatch(/[$%]\{/);
  return inside.replace(/\\(.)|\$\$\{|%%\{/g, (sequence, escaped: string | undefined) =>
    escaped === undefined ? sequence.slice(1) : escaped === 't' ? '\t' : escaped,
  );
}
