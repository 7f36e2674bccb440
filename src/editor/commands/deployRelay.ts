import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import type { Deployment } from '../../owner/relay/deployment.js';
import { showProgramTerminal } from '../programTerminal.js';
import { inProgress } from '../progress.js';
import { type Answer, askOne, askText } from '../questions.js';
import { askSteps, type Step } from '../steps.js';
import type { Window } from '../window.js';

const title = 'Deploy Relay';

interface DeployWish {
  readonly host: string;
  readonly address: string;
  /** Of the relay that was deployed there before, where one was. */
  readonly before: Deployment | undefined;
  readonly port: string;
  readonly certificate: 'own' | 'given' | 'before' | undefined;
  readonly cert: string;
  readonly key: string;
  readonly how: 'page' | 'ssh' | undefined;
}

/**
 * Asks where a relay for others is to run, makes what it needs on this computer, and shows what is to be done there or does it
 * over ssh, in a terminal. Then offers *Set Relay…* with what it knows.
 */
export async function deployRelay(window: Window): Promise<void> {
  const { isSshHost } = await import('../../owner/relay/ssh.js');
  const { isRelayName, knownDeployment, usualRelayPort } = await import('../../owner/relay/deployment.js');
  const { prepareDeployment } = await import('../../owner/relay/prepareDeployment.js');
  const first: DeployWish = {
    ...{ host: '', address: '', before: undefined, port: '' },
    ...{ certificate: undefined, cert: '', key: '', how: undefined },
  };
  /** Another address is another relay, whose port is as before where it was deployed already. */
  const at = async (wish: DeployWish, address: string): Promise<DeployWish> => {
    if (wish.port !== '' && address === wish.address) return wish;
    const before = await knownDeployment(address.toLowerCase());
    return { ...wish, address, before, port: String(before?.port ?? usualRelayPort) };
  };
  const wish = await askSteps(first, stepsOf(isSshHost, isRelayName, at));
  if (wish === undefined) return;
  const { host, address, how } = wish;
  const port = Number(wish.port);
  const given = wish.certificate === 'given' ? { cert: wish.cert, key: wish.key } : undefined;
  const certificate = given ?? (wish.certificate === 'own' ? 'own' : undefined);
  const program = join(window.bundle, 'cli.mjs');
  const deployment = await inProgress('Making what the relay needs', () =>
    prepareDeployment({ host, address, port, certificate, program, now: Date.now() }),
  );
  if (how === 'page') {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(deployment.pageFile));
    await vscode.window.showTextDocument(document, { preview: true });
  } else {
    // One of its own is by now what is known of it, as it would be given without a word.
    const files = given === undefined ? [] : ['--cert', given.cert, '--key', given.key];
    const args = ['relay', 'deploy', host, '--address', address, '--port', wish.port, ...files, '--over-ssh'];
    showProgramTerminal(window, { name: `relay on ${host}`, icon: 'server', args });
  }
  await offerToSet(window, deployment);
}

/** Its owner is mostly its first user. */
async function offerToSet(window: Window, deployment: Deployment): Promise<void> {
  const { address, port, user, userKeyFile, authority } = deployment;
  const set = 'Set Relay';
  const chosen = await vscode.window.showInformationMessage(
    `When the relay runs, new clusters can use it: ${address}:${port}. Its keys and certificate are in ${deployment.folder}.`,
    set,
  );
  if (chosen !== set) return;
  const { askRelay } = await import('./setRelay.js');
  await askRelay(window, {
    ...{ address: `${address}:${port}`, tenant: user, serverName: '' },
    ...{ userKey: (await readFile(userKeyFile, 'utf8')).trim(), authority: authority ?? '' },
  });
}

function stepsOf(
  isSshHost: (text: string) => boolean,
  isRelayName: (text: string) => boolean,
  at: (wish: DeployWish, address: string) => Promise<DeployWish>,
): readonly Step<DeployWish>[] {
  const noFile = (text: string): string | undefined => (isAbsolute(text) ? undefined : 'An absolute path.');
  const noFiles = ({ certificate }: DeployWish): boolean => certificate !== 'given';
  return [
    text(
      ({ host }) => host,
      'Where it is to run, as ssh knows it: HOST or USER@HOST. An ordinary user is enough.',
      (host) =>
        isSshHost(host) ? undefined : 'Such as relay.example.org, me@relay.example.org, or a name of ~/.ssh/config.',
      (wish, host) => ({ ...wish, host, address: wish.address === '' ? host.replace(/^.*@/, '') : wish.address }),
    ),
    text(
      ({ address }) => address,
      'The name or IPv4 address by which workers and colleagues reach it; its certificate is for that.',
      (address) => (isRelayName(address) ? undefined : 'Such as relay.example.org or 192.0.2.7.'),
      at,
    ),
    text(
      ({ port }) => port,
      'The port that sites must allow outwards. Below 1024 root must help once.',
      (port) => (/^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65_535 ? undefined : 'A number from 1 to 65535.'),
      (wish, port) => ({ ...wish, port }),
    ),
    {
      ask: async (wish, place) => {
        const question = { title, place, placeholder: 'Which certificate does it show?' };
        const answer = await askOne<'own' | 'given' | 'before'>(question, [
          ...(wish.before?.certificate === 'given' ? [asBefore] : []),
          {
            ...{ label: 'One of your own', value: 'own' as const },
            detail: 'Made here, for a year, by an authority of yours; colleagues get the file of that authority.',
          },
          {
            ...{ label: 'One that others gave', value: 'given' as const },
            detail:
              "Such as your site's or Let's Encrypt's: computers trust it already, and it must be renewed in time.",
          },
        ]);
        return changed(answer, (certificate) => ({ ...wish, certificate }));
      },
    },
    {
      ...text(
        ({ cert }) => cert,
        'File with the certificate and its chain (PEM).',
        noFile,
        (wish, cert) => ({ ...wish, cert }),
      ),
      skip: noFiles,
    },
    {
      ...text(
        ({ key }) => key,
        "File with the certificate's key (PEM).",
        noFile,
        (wish, key) => ({ ...wish, key }),
      ),
      skip: noFiles,
    },
    {
      ask: async (wish, place) => {
        const question = { title, place, placeholder: 'Who does it?' };
        const answer = await askOne<'page' | 'ssh'>(question, [
          {
            ...{ label: '$(book) Show what is to be done', value: 'page' as const },
            detail: `Every command and file, to follow or to hand over; nothing is done on ${wish.host}.`,
          },
          {
            ...{ label: '$(rocket) Do it over ssh', value: 'ssh' as const },
            detail: `In a terminal: sitespan relay deploy ${wish.host} --over-ssh. "ssh ${wish.host} true" must work without asking.`,
          },
        ]);
        return changed(answer, (how) => ({ ...wish, how }));
      },
    },
  ];
}

const asBefore = {
  ...{ label: 'The one that it has', value: 'before' as const },
  detail: 'That others gave; it stays as it is on its host.',
};

function text(
  known: (wish: DeployWish) => string,
  placeholder: string,
  refuse: (text: string) => string | undefined,
  take: (wish: DeployWish, text: string) => DeployWish | Promise<DeployWish>,
): Step<DeployWish> {
  return {
    ask: async (wish, place) => {
      const answer = await askText({ title, place, placeholder, value: known(wish), refuse });
      return changed(answer, (typed) => take(wish, typed));
    },
  };
}

async function changed<Value>(
  answer: Answer<Value>,
  change: (value: Value) => DeployWish | Promise<DeployWish>,
): Promise<Answer<DeployWish>> {
  return answer === undefined || answer === 'back' ? answer : { value: await change(answer.value) };
}
