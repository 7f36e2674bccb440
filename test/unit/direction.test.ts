import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const src = join(root, 'src');

const belowFaces = ['base', 'credentials', 'relay', 'environment', 'grid', 'keeper', 'owner', 'notebook', 'bench'];

/** What each part of src may import of the others: docs/architecture.md, "Direction". */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  ids: [],
  base: [],
  credentials: ['base'],
  relay: ['base'],
  environment: ['base'],
  grid: ['base', 'credentials', 'relay', 'environment'],
  keeper: ['base', 'credentials', 'relay', 'environment', 'grid'],
  owner: ['ids', 'base', 'credentials', 'relay', 'environment', 'grid', 'keeper'],
  notebook: ['base', 'credentials', 'relay', 'environment', 'grid', 'keeper', 'owner'],
  bench: ['base', 'credentials', 'relay', 'environment', 'grid', 'keeper', 'owner'],
  editor: ['ids', ...belowFaces],
  extension: ['ids', ...belowFaces, 'editor'],
  terminal: ['ids', ...belowFaces],
  cli: ['ids', ...belowFaces, 'terminal'],
};

const faces: readonly string[] = ['editor', 'extension', 'terminal', 'cli'];
const facesMayUse: readonly string[] = [
  'keeper/allocation.ts',
  'keeper/api.ts',
  'keeper/client.ts',
  'keeper/clusters.ts',
  'keeper/kernelClient.ts',
  'keeper/runFiles.ts',
  'keeper/throughputApi.ts',
];

interface Import {
  readonly from: string;
  readonly to: string;
}

/** `src`-relative path → its imports, types' too: `./x.js` as the file it stands for, packages by name. */
function importsOf(path: string, text: string): readonly Import[] {
  // Biome formats every file, so a statement starts its line and only code does.
  const statement = /^(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]/gm;
  const call = /\b(?:import|require)\(\s*['"]([^'"]+)['"]/g;
  const found = [...text.matchAll(statement), ...text.matchAll(call)];
  return found.map((match) => {
    const name = match[1] ?? match[2] ?? '';
    const target = join(dirname(path), name).replace(/\.js$/, '.ts');
    return { from: path, to: name.startsWith('.') ? target : name };
  });
}

const partOf = (path: string): string => (path.split('/')[0] ?? '').replace(/\.ts$/, '');

/** The sentences that say what is wrong with an import; none when it is allowed. */
function faultsOf({ from, to }: Import, files: ReadonlySet<string>): readonly string[] {
  const part = partOf(from);
  const allowed = mayImport[part];
  if (allowed === undefined) return [`${from}: docs/architecture.md does not know the part ${part}`];
  if (!files.has(to)) {
    const isOurs = to.startsWith('.') || to.endsWith('.ts');
    if (isOurs) return [`${from} imports ${to}, which is not a file of src`];
    return to === 'vscode' && part !== 'editor' && part !== 'extension' ? [`${from} imports vscode`] : [];
  }
  const target = partOf(to);
  if (target === part) return [];
  if (!allowed.includes(target)) return [`${from} imports ${to}: ${part} may not know ${target}`];
  // A main.ts is what the command line starts as a process of its own; it is handed over to, not used.
  const isHandedOver = part === 'cli' && to === 'keeper/main.ts';
  if (faces.includes(part) && target === 'keeper' && !facesMayUse.includes(to) && !isHandedOver) {
    return [
      `${from} imports ${to}: faces use of keeper only allocation, api, client, clusters, kernelClient, runFiles and throughputApi`,
    ];
  }
  return [];
}

/** Each cycle as the files along it; found by depth-first search. */
function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const seenAt = path.indexOf(file);
    if (seenAt !== -1) {
      cycles.push([...path.slice(seenAt), file].join(' → '));
      return;
    }
    if (finished.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    finished.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
}

describe('Direction of imports', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const known = new Set(files);
  const imports = files.flatMap((path) => importsOf(path, readFileSync(join(src, path), 'utf8')));

  it('is that of docs/architecture.md', () => {
    assert.ok(imports.length > 0);
    assert.deepEqual(
      imports.flatMap((one) => faultsOf(one, known)),
      [],
    );
  });

  it('has no cycles between files', () => {
    const graph = new Map(files.map((file) => [file, imports.filter(({ from }) => from === file).map(({ to }) => to)]));
    assert.deepEqual(cyclesIn(graph), []);
  });

  it('is seen in every form of import', () => {
    const text = [
      "import type { A } from '../base/a.js';",
      'import {\n  B,\n  C,\n} from "../base/b.js";',
      "import '../base/c.js';",
      "export { D } from '../base/d.js';",
      "const e = await import('../base/e.js');",
      "type F = import('../base/f.js').F;",
      " * import { G } from '../base/g.js';",
    ].join('\n');
    const seen = importsOf('grid/x.ts', text).map(({ to }) => to);
    assert.deepEqual(
      seen,
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `base/${name}.ts`),
    );
  });

  it('is held where it is broken', () => {
    const all = new Set([
      ...['base/a.ts', 'relay/a.ts', 'keeper/main.ts', 'keeper/api.ts', 'keeper/worker/life.ts'],
      ...['owner/a.ts', 'terminal/a.ts'],
    ]);
    const refused = (from: string, to: string): boolean => faultsOf({ from, to }, all).length > 0;
    assert.ok(refused('base/b.ts', 'relay/a.ts'));
    assert.ok(refused('credentials/b.ts', 'relay/a.ts'));
    assert.ok(refused('grid/b.ts', 'keeper/api.ts'));
    assert.ok(refused('editor/trees/b.ts', 'keeper/worker/life.ts'));
    assert.ok(refused('keeper/b.ts', 'owner/a.ts'));
    assert.ok(refused('owner/b.ts', 'terminal/a.ts'));
    assert.ok(refused('extension.ts', 'keeper/main.ts'));
    assert.ok(refused('terminal/b.ts', 'keeper/main.ts'));
    assert.ok(refused('keeper/b.ts', 'vscode'));
    assert.ok(refused('utils/b.ts', 'base/a.ts'));
    assert.ok(refused('relay/b.ts', '../test/fixtures/b.ts'));
    assert.ok(!refused('cli.ts', 'keeper/main.ts'));
    assert.ok(!refused('editor/b.ts', 'keeper/api.ts'));
    assert.ok(!refused('owner/b.ts', 'keeper/worker/life.ts'));
    assert.ok(!refused('relay/b.ts', 'node:net'));
    assert.deepEqual(
      cyclesIn(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['a']],
        ]),
      ),
      ['a → b → c → a'],
    );
  });

  it('leaves every module but the editor loadable in plain Node, silent and at rest', async function () {
    this.timeout(60_000);
    const modules = files.filter((path) => !['editor', 'extension'].includes(partOf(path)) && path !== 'cli.ts');
    const urls = modules.map((path) => pathToFileURL(join(src, path)).href);
    // Ends by itself only if no import left a timer, a socket or a listener behind.
    const code = `for (const url of ${JSON.stringify(urls)}) await import(url).catch((error) => { throw new Error(url, { cause: error }); });`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 50_000,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    const [exitCode] = await once(child, 'close');
    assert.equal(said, '');
    assert.equal(exitCode, 0);
  });
});
