import assert from 'node:assert/strict';
import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CurveFile, type CurvePoint } from '../../../src/keeper/curveFile.js';
import { scratchFolder } from '../base/scratchFolder.js';

const point = (time: number, totals: Record<string, number>): CurvePoint => ({
  time,
  workers: new Map(Object.entries(totals).map(([name, events]) => [name, { events, bytes: 10 * events }])),
});

describe('CurveFile', () => {
  const scratch = scratchFolder();
  const path = (): string => join(scratch(), 'throughput.jsonl');
  const open = (): CurveFile => new CurveFile(path(), (error) => assert.fail(String(error)));
  const written = async (...points: CurvePoint[]): Promise<CurveFile> => {
    const file = open();
    for (const one of points) file.add(one);
    await file.close();
    return file;
  };

  it('gives back what was added, by whichever keeper', async () => {
    await written(point(1, { a: 3 }), point(2, { a: 5, b: 1 }));
    const next = open();
    await next.load();
    next.add(point(3, { a: 5, b: 9 }));
    await next.close();
    assert.deepEqual((await open().load()).points, [
      point(1, { a: 3 }),
      point(2, { a: 5, b: 1 }),
      point(3, { a: 5, b: 9 }),
    ]);
  });

  it('is empty where there is none', async () => {
    assert.deepEqual(await open().load(), { points: [], spacingSeconds: undefined });
  });

  it('holds only what has changed', async () => {
    await written(point(1, { a: 3, b: 1 }), point(2, { a: 3, b: 2 }));
    assert.equal((await readFile(path(), 'utf8')).split('\n')[1], '{"t":2,"w":{"b":[2,20]}}');
  });

  it('is replaced by a thinner curve', async () => {
    const file = await written(point(1, { a: 1 }), point(2, { a: 2 }), point(3, { a: 3 }));
    file.replace([point(1, { a: 1 }), point(3, { a: 3 })], 2);
    file.add(point(5, { a: 4 }));
    await file.close();
    const { points, spacingSeconds } = await open().load();
    assert.deepEqual([points.map(({ time }) => time), spacingSeconds], [[1, 3, 5], 2]);
    assert.deepEqual(points.at(-1), point(5, { a: 4 }));
  });

  it('loses no more than the line that a kill has torn', async () => {
    await written(point(1, { a: 1 }));
    await appendFile(path(), '{"t":2,"w":{"a"');
    const next = open();
    assert.deepEqual((await next.load()).points, [point(1, { a: 1 })]);
    next.add(point(3, { a: 7 }));
    await next.close();
    assert.deepEqual((await open().load()).points, [point(1, { a: 1 }), point(3, { a: 7 })]);
  });

  it('is for nobody else', async () => {
    const file = await written(point(1, { a: 1 }));
    assert.equal((await stat(path())).mode & 0o777, 0o600);
    file.replace([point(1, { a: 1 })], 1);
    await file.close();
    assert.equal((await stat(path())).mode & 0o777, 0o600);
  });

  it('tells of what it cannot write, and goes on', async () => {
    const failures: unknown[] = [];
    const file = new CurveFile(join(scratch(), 'absent', 'file'), (error) => failures.push(error));
    file.add(point(1, { a: 1 }));
    file.add(point(2, { a: 1 }));
    await file.close();
    assert.equal(failures.length, 2);
  });
});
