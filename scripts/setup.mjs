// What a fresh checkout lacks, made once: node_modules, .venv, the unpacked wheel, the bundles. Nothing when nothing is missing.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const python = join(root, '.venv', 'bin', 'python');
