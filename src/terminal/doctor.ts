import { resolve } from 'node:path';
import { writeAtomically } from '../base/writeAtomically.js';
import { parseEnvironment } from '../environment/parseEnvironment.js';
import { bundleOf } from '../owner/doctor/bundle.js';
import { type Checked, diagnose } from '../owner/doctor/doctor.js';
import { bundleFolder } from './bundleFolder.js';
import { type Colours, coloursOf } from './colours.js';
import { GivenArguments } from './givenArguments.js';
import { doctorHelp } from './help/toolHelp.js';
import { note, print } from './print.js';
import { untilStopped } from './untilStopped.js';

/** `sitespan doctor [CLUSTER]`: what is wrong, where, and how to mend it. @returns 1 where something is wrong */
export function runDoctor(argv: readonly string[]): Promise<number> {
  const given = GivenArguments.read('doctor', doctorHelp, argv);
  const [cluster, ...more] = given.words;
  if (more.length > 0) throw given.wrong();
  const environment = given.text('--environment');
  return untilStopped(async (signal) => {
    const diagnosis = await diagnose({
      ...{ cluster, signal, bundle: bundleFolder() },
      environment: environment === undefined ? undefined : parseEnvironment(environment),
    });
    const { checked } = diagnosis;
    if (given.has('--json')) print(JSON.stringify(checked, null, 2));
    else for (const line of linesOf(checked, coloursOf(process.stdout))) print(line);
    const file = given.text('--bundle');
    if (file !== undefined) {
      await writeAtomically(resolve(file), await bundleOf(diagnosis));
      note(
        `For sending to who helps: ${resolve(file)}. Worker logs hold what your tasks print; look before you send it.`,
      );
    }
    return checked.some(({ findings }) => findings.some(({ severity }) => severity === 'wrong')) ? 1 : 0;
  });
}

function linesOf(checked: readonly Checked[], colours: Colours): string[] {
  const lines = checked.flatMap(({ check, findings }) => {
    if (findings.length === 0) return [`${colours.good('ok')}        ${check.title}`];
    return findings.flatMap(({ severity, what, where, fix }) => [
      `${severity === 'wrong' ? colours.bad('wrong') : colours.doubtful('doubtful')}${severity === 'wrong' ? '     ' : '  '}${what}`,
      `          where: ${where}`,
      `          fix:   ${fix}`,
    ]);
  });
  const all = checked.flatMap(({ findings }) => findings);
  const wrong = all.filter(({ severity }) => severity === 'wrong').length;
  const doubtful = all.length - wrong;
  const said = all.length === 0 ? 'Nothing is wrong.' : `${wrong} wrong, ${doubtful} doubtful.`;
  return [...lines, '', said];
}
