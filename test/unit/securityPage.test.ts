import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { maySecretsLieIn } from '../rigs/security/secretFiles.js';

const root = join(import.meta.dirname, '..', '..');
const lines = readFileSync(join(root, 'docs', 'security.md'), 'utf8').split('\n');

interface Reference {
  readonly file: string;
  readonly title: string;
}

/** `file`: *title*, *title* … */
function referencesIn(line: string): readonly Reference[] {
  return [...line.matchAll(/`([\w./-]+\.(?:test\.ts|py))`: ((?:\*[^*]+\*(?:, )?)+)/g)].flatMap(
    ([, file = '', titles = '']) => [...titles.matchAll(/\*([^*]+)\*/g)].map(([, title = '']) => ({ file, title })),
  );
}

function isThere({ file, title }: Reference): boolean {
  const path = join(root, file.endsWith('.py') ? 'python/tests' : 'test', file);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8');
  return file.endsWith('.py')
    ? text.includes(`def ${title}(`)
    : [`it('${title}'`, `it("${title}"`].some((said) => text.includes(said));
}

/** The rows of the tables whose last column says what shows them. */
function claims(): readonly string[] {
  const found: string[] = [];
  let inside = false;
  for (const line of lines) {
    if (!line.startsWith('|')) inside = false;
    else if (/\| shown by \|$/.test(line)) inside = true;
    else if (inside && !/^\|[ |-]+\|$/.test(line)) found.push(line);
  }
  return found;
}

describe('docs/security.md', () => {
  it('names for each claim a test that is there, or says that there is none', () => {
    assert.ok(claims().length > 50, String(claims().length));
    const bare = claims().filter((line) => referencesIn(line).length === 0 && !/not tested[^|]*\|$/.test(line));
    assert.deepEqual(bare, []);
    const gone = lines.flatMap(referencesIn).filter((one) => !isThere(one));
    assert.deepEqual(gone, []);
  });

  it('names the files that secrets may lie in as the watch over all tests knows them', () => {
    const [line = ''] = lines.filter((one) => one.startsWith('Every file that may hold one: '));
    const files = [...line.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file.replaceAll(/<\w+>/g, 'x1'));
    assert.deepEqual(
      files.filter((file) => !maySecretsLieIn(`/state/host/ttbar/${file}`)),
      [],
    );
    assert.equal(maySecretsLieIn('/state/host/ttbar/keeper/log'), false);
  });

  it('names every file that a test was said to be in, in the form that is looked at', () => {
    const named = lines.flatMap((line) => [...line.matchAll(/`([\w./-]+\.test\.ts|(?:comm\/)?test_\w+\.py)`/g)]);
    const looked = new Set(lines.flatMap(referencesIn).map(({ file }) => file));
    const missed = named.map(([, file = '']) => file).filter((file) => !file.startsWith('test/') && !looked.has(file));
    assert.deepEqual(missed, []);
  });
});
