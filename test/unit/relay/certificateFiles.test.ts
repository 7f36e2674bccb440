import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterAuthority } from '../../../src/credentials/clusterAuthority.js';
import { CertificateFiles } from '../../../src/relay/certificateFiles.js';

describe("A relay's certificate files", () => {
  const authority = ClusterAuthority.create();
  let folder = '';
  let changes: unknown[] = [];
  const path = (name: string): string => join(folder, name);
  const write = ({ cert, key }: { cert: string; key: string }): void => {
    writeFileSync(path('cert'), cert);
    writeFileSync(path('key'), key);
  };
  const open = () => CertificateFiles.open(path('cert'), path('key'), (error) => changes.push(error));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sitespan-certificate-'));
    changes = [];
    write(authority.issue('relay', 'relay', 0, ['first.example']));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('give the same as long as they stay as they are', async () => {
    const files = await open();
    assert.equal(await files.secureContext(), await files.secureContext());
    assert.deepEqual(changes, []);
  });

  it('give a renewed certificate as soon as it is there', async () => {
    const files = await open();
    const before = await files.secureContext();
    write(authority.issue('relay', 'relay', 0, ['second.example']));
    assert.notEqual(await files.secureContext(), before);
    assert.deepEqual(changes, [undefined]);
  });

  it('give the last good pair while the new one is half there, say so once, and then the new one', async () => {
    const files = await open();
    const before = await files.secureContext();
    const { cert, key } = authority.issue('relay', 'relay', 0, ['second.example']);
    writeFileSync(path('cert'), cert);
    assert.equal(await files.secureContext(), before);
    assert.equal(await files.secureContext(), before);
    assert.equal(changes.length, 1);
    assert.match(String(changes[0]), /do not fit/);
    rmSync(path('key'));
    assert.equal(await files.secureContext(), before);
    assert.match(String(changes[1]), /cannot read .*key/);
    writeFileSync(path('key'), key);
    assert.notEqual(await files.secureContext(), before);
  });

  it('are tried again where they could not be read for a moment, which is said once', async () => {
    let failing = false;
    const read = async (path: string): Promise<string> => {
      if (failing) throw new Error('EIO');
      return readFileSync(path, 'utf8');
    };
    const files = await CertificateFiles.open(path('cert'), path('key'), (error) => changes.push(error), read);
    const before = await files.secureContext();
    write(authority.issue('relay', 'relay', 0, ['second.example']));
    failing = true;
    assert.equal(await files.secureContext(), before);
    assert.equal(await files.secureContext(), before);
    assert.equal(changes.length, 1);
    assert.match(String(changes[0]), /cannot read .*cert/);
    failing = false;
    const [one, other] = await Promise.all([files.secureContext(), files.secureContext()]);
    assert.notEqual(one, before);
    assert.equal(one, other);
    assert.deepEqual(changes.slice(1), [undefined]);
  });

  it('that do not fit are refused at the start', async () => {
    writeFileSync(path('key'), authority.issue('relay', 'relay', 0).key);
    await assert.rejects(open(), { code: 'relay-certificate', message: /do not fit/ });
  });
});
