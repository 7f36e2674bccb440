// A stamp says from which inputs a thing in dist/ was made, by their content: it is missing when they have changed since.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { dist, root } from './paths.mjs';

const ignored = new Set(['__pycache__', '.mypy_cache', '.ruff_cache', '.pytest_cache']);

function* filesUnder(path) {
  if (!statSync(path).isDirectory()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) {
    if (!ignored.has(name)) yield* filesUnder(join(path, name));
  }
}

/** SHA-256 over the names and contents of files and folders, given relative to the checkout. */
export function hashOf(inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of filesUnder(join(root, input))) {
      hash
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

const stampOf = (name) => join(dist, `${name}.stamp`);

/** Whether `name` was made from inputs of this hash. */
export function isStamped(name, hash) {
  return existsSync(stampOf(name)) && readFileSync(stampOf(name), 'utf8') === hash;
}

/** To be called last, when `name` is whole. `hash` is that of the inputs as they were before. */
export function stamp(name, hash) {
  mkdirSync(dist, { recursive: true });
  writeFileSync(stampOf(name), hash);
}
