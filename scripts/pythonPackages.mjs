// .venv: a Python of this machine with the packages of requirements.lock.
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, failureOf } from './failure.mjs';
import { python, root, venv } from './paths.mjs';
import { run } from './run.mjs';
import { hashOf } from './stamp.mjs';

/** The lock's packages have builds for these; it was made with the first. */
const minors = [11, 12, 13, 14];

const stampFile = join(venv, 'sitespan.stamp');
const unfinished = join(venv, 'sitespan.unfinished');

export const pythonPackages = { name: 'Python packages', missing, make };

/** The interpreter belongs to the stamp: a system that moves to another Python leaves the packages behind. */
function currentStamp() {
  return JSON.stringify({ lock: hashOf(['requirements.lock']), python: realpathSync(python) });
}

function missing() {
  return !existsSync(python) || !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== currentStamp();
}

async function make() {
  if (!(await isUsable())) {
    const base = await findPython();
    rmSync(venv, { recursive: true, force: true });
    mkdirSync(venv);
    writeFileSync(unfinished, '');
    const { code, output } = await run(base, ['-m', 'venv', venv], { env: pipEnvironment() });
    if (code !== 0)
      throw failureOf({ what: `Making .venv with ${base}`, server: 'pip', hint: 'pip config', output, code });
  }
  writeFileSync(unfinished, '');
  const args = [
    '-m',
    'pip',
    'install',
    '--disable-pip-version-check',
    '--no-input',
    '--retries=3',
    '--only-binary=:all:',
  ];
  const { code, output } = await run(python, [...args, '-r', join(root, 'requirements.lock')], {
    env: pipEnvironment(),
  });
  if (code !== 0) {
    const server = `the Python package index ${process.env.PIP_INDEX_URL ?? 'https://pypi.org/simple'}`;
    throw failureOf({ what: 'Installing the Python packages', server, hint: 'HTTPS_PROXY', output, code });
  }
  writeFileSync(stampFile, currentStamp());
  rmSync(unfinished);
}

/** Whether the .venv that is there can be brought up to date; an interrupted one may hold half a package. */
async function isUsable() {
  if (!existsSync(python) || existsSync(unfinished)) return false;
  if (existsSync(stampFile) && JSON.parse(readFileSync(stampFile, 'utf8')).python !== realpathSync(python))
    return false;
  return (await describe(python, 'pip'))?.complete === true;
}

async function findPython() {
  let incomplete;
  const others = [];
  for (const name of [...minors.map((minor) => `python3.${minor}`), 'python3', 'python']) {
    const found = await describe(name, 'ensurepip');
    if (found === undefined) continue;
    if (!minors.includes(found.minor)) others.push(`${found.path} is 3.${found.minor}`);
    else if (found.complete) return found.path;
    else incomplete ??= found;
  }
  if (incomplete !== undefined) {
    throw new Failure(
      `Python ${incomplete.path} cannot make virtual environments; install its venv module (Debian, Ubuntu: apt install python3.${incomplete.minor}-venv) and run the same command again.`,
    );
  }
  const seen = others.length === 0 ? 'there is none on PATH' : `on PATH ${others.join(', ')}`;
  throw new Failure(
    `Sitespan needs Python 3.${minors[0]} to 3.${minors.at(-1)}, and ${seen}; install one (Debian 12: apt install python3 python3-venv) and run the same command again.`,
  );
}

/** What an interpreter is; undefined where there is none under that name, or it does not run. */
async function describe(name, module) {
  const code = `
import sys
try:
    import venv, ${module}
    complete = True
except ImportError:
    complete = False
print("%d %d %s %s" % (sys.version_info[0], sys.version_info[1], complete, sys.executable))`;
  const { code: exit, output } = await run(name, ['-c', code], { env: pipEnvironment() }).catch(() => ({
    code: 127,
    output: '',
  }));
  const match = /^3 (\d+) (True|False) (.+)$/m.exec(output);
  if (exit !== 0 || match === null) return undefined;
  return { minor: Number(match[1]), complete: match[2] === 'True', path: match[3] };
}

/** The user's environment without what would lead pip or the interpreter elsewhere. */
function pipEnvironment() {
  const {
    PYTHONHOME: _home,
    PYTHONPATH: _path,
    PIP_USER: _user,
    PIP_TARGET: _target,
    PIP_PREFIX: _prefix,
    ...rest
  } = process.env;
  return rest;
}
