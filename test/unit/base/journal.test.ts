import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Journal, readJournal } from '../../../src/base/journal.js';
import { scratchFolder } from './scratchFolder.js';

describe('Journal', () => {
  const scratch = scratchFolder();
  const path = (): string => join(scratch(), 'journal.jsonl');

  /** What the next one finds. */
  const reopened = async (): Promise<readonly unknown[]> => {
    const journal = await Journal.open(path());
    await journal.close();
    return journal.entries;
  };

  it('gives back what was appended, in order, odd characters included', async () => {
    const journal = await Journal.open(path());
    const entries = Array.from({ length: 50 }, (_, n) => ({ n, text: 'é\n\u2028"' }));
    await Promise.all(entries.map((entry) => journal.append(entry)));
    await journal.close();
    assert.deepEqual(await reopened(), entries);
    assert.equal((await stat(path())).mode & 0o777, 0o600);
  });

  it('has an entry in the file when append resolves', async () => {
    const journal = await Journal.open(path());
    await journal.append({ decided: 1 });
    assert.equal(await readFile(path(), 'utf8'), '{"decided":1}\n');
    await journal.close();
  });

  it('keeps room on the disk for what must be written, and writes it', async () => {
    const journal = await Journal.open(path());
    assert.equal((await stat(`${path()}.reserve`)).size, 65_536);
    await journal.appendAtAllCosts({ is: 'closed' });
    await journal.close();
    assert.deepEqual(await reopened(), [{ is: 'closed' }]);
  });

  it('is empty where there is none', async () => {
    assert.deepEqual(await readJournal(path()), []);
  });

  for (const [what, torn] of [
    ['half a line', '{"n":2,"te'],
    ['a whole entry without its newline', '{"n":2}'],
    ['blocks that never reached the disk', '\0\0\0\0'],
    ['a newline whose line never reached the disk', '\0\0\0\0\n'],
  ] as const) {
    it(`drops ${what} at the end, and goes on after what was whole`, async () => {
      await writeFile(path(), `{"n":1}\n${torn}`);
      assert.deepEqual(await readJournal(path()), [{ n: 1 }]);
      const journal = await Journal.open(path());
      await journal.append({ n: 3 });
      await journal.close();
      assert.equal(await readFile(path(), 'utf8'), '{"n":1}\n{"n":3}\n');
    });
  }

  it('reads back a whole prefix wherever it was torn', async () => {
    const text = '{"n":1}\n{"n":2,"site":"Zürich"}\n{"n":3}\n';
    const whole = [{ n: 1 }, { n: 2, site: 'Zürich' }, { n: 3 }];
    await writeFile(path(), text);
    for (let length = Buffer.byteLength(text); length >= 0; length--) {
      await truncate(path(), length);
      const newlines = (await readFile(path())).filter((byte) => byte === 0x0a).length;
      assert.deepEqual(await readJournal(path()), whole.slice(0, newlines));
    }
  });

  it('refuses damage in the middle, and says in which line; the file stays as it is', async () => {
    const text = '{"n":1}\n{"n":\n{"n":3}\n';
    await writeFile(path(), text);
    await assert.rejects(readJournal(path()), { code: 'journal-corrupt', message: /Line 2 / });
    await assert.rejects(Journal.open(path()), { code: 'journal-corrupt' });
    assert.equal(await readFile(path(), 'utf8'), text);
    await writeFile(path(), '{"n":1}\n');
    assert.deepEqual(await reopened(), [{ n: 1 }]);
  });

  it('has one writer', async () => {
    const journal = await Journal.open(path());
    await assert.rejects(Journal.open(path()), { code: 'already-held' });
    await journal.close();
    assert.deepEqual(await reopened(), []);
  });

  it('refuses entries after its end', async () => {
    const journal = await Journal.open(path());
    await journal.close();
    await assert.rejects(journal.append({ late: true }), { code: 'journal-closed' });
  });

  it('writes what was appended before it was closed', async () => {
    const journal = await Journal.open(path());
    const appending = journal.append({ n: 1 });
    await journal.close();
    await appending;
    assert.deepEqual(await reopened(), [{ n: 1 }]);
  });

  it('keeps what it acknowledged through a KILL, and lets the next writer in', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'appendForEver.ts'), path()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const chunks: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk.toString());
      if (chunks.length === 5) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const acknowledged = chunks.join('').split('\n').slice(0, -1).map(Number);
    // As a torn write would leave it.
    await appendFile(path(), '{"n":');
    const entries = await reopened();
    assert.ok(acknowledged.length >= 5 && entries.length >= acknowledged.length);
    assert.deepEqual(
      entries,
      entries.map((_, n) => ({ n })),
    );
  });
});
