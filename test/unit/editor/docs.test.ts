import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..', '..');
const { contributes } = z
  .object({
    contributes: z.object({
      commands: z.array(z.object({ title: z.string() })),
      configuration: z.array(z.object({ properties: z.record(z.string(), z.object({ default: z.unknown() })) })),
    }),
  })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
const page = readFileSync(join(root, 'docs', 'editor.md'), 'utf8');

describe('docs/editor.md', () => {
  it('has every command of package.json by its title, and no other', () => {
    const table = page.slice(page.indexOf('| command |'), page.indexOf('## Settings'));
    const told = [...table.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/\*(.+?)\*/g)].map(([, title]) => title),
    );
    assert.deepEqual(told.sort(), contributes.commands.map(({ title }) => title).sort());
  });

  it('has every setting with its default', () => {
    const told = [...page.matchAll(/^\| `(sitespan\.\w+)` \| `(.+?)` \|/gm)].map(([, id, value = '']) => [
      id,
      JSON.parse(value),
    ]);
    const declared = contributes.configuration.flatMap(({ properties }) => Object.entries(properties));
    assert.deepEqual(
      told,
      declared.map(([id, setting]) => [id, setting.default]),
    );
  });
});
