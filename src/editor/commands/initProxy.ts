import * as vscode from 'vscode';
import { certificateFilesOf } from '../../credentials/userCertificateFiles.js';
import {
  filesOfChosen,
  type OfferedCertificate,
  offeredCertificate,
  offeredCertificates,
} from '../../owner/proxy/offeredCertificates.js';
import { textIn } from '../pickers.js';
import { initProxySteps, type ProxyOffers, type ProxyWish } from '../proxy/initProxySteps.js';
import { KeptOrders } from '../proxy/keptOrders.js';
import { makeProxy } from '../proxy/makeProxy.js';
import { proxiesMeant } from '../proxy/pickProxy.js';
import { showError } from '../showError.js';
import { askSteps } from '../steps.js';
import type { Window } from '../window.js';

/**
 * Asks step by step which certificate, for which grid or group, for how long, and the passphrase; makes the proxy, and one
 * for jobs where that is wanted.
 */
export async function initProxy(window: Window, argument: unknown): Promise<void> {
  const { addedGrids, proxies } = window;
  await proxies.refresh();
  const { grids, trouble } = addedGrids;
  // A list that cannot be read hinders no proxy for a group that is typed.
  if (trouble !== undefined) showError(trouble, window.log).catch((error: unknown) => window.log.error(String(error)));
  const offers: ProxyOffers = { certificates: await offeredCertificates(), grids, chooseCertificate };
  const [meant] = argument === undefined ? [] : proxiesMeant(proxies, argument);
  const path = meant?.use.path ?? textIn(argument, 'proxy');
  const grid = gridMeant(offers, textIn(argument, 'grid'), path);
  // A proxy of a cluster whose grid is not among the added ones any more.
  const use = grid === undefined ? meant?.use : undefined;
  const before = path === undefined ? undefined : new KeptOrders(window.context.globalState).of(path);
  const first: ProxyWish = {
    certificate: offers.certificates.find(({ files }) => JSON.stringify(files) === JSON.stringify(before?.files)),
    grid,
    group: before?.group ?? use?.groups[0] ?? '',
    ...{ hours: before?.hours ?? 24, upload: before?.upload ?? true, passphrase: undefined },
  };
  const wish = await askSteps(first, initProxySteps(offers));
  if (wish?.certificate === undefined) return;
  const { certificate, passphrase, hours } = wish;
  const group = wish.group === '' ? undefined : wish.group;
  const upload = wish.grid !== undefined && wish.upload;
  // What it was called on is the file that is meant, also where nobody knows that any more, or another group is chosen for it.
  const own = wish.grid === undefined ? path : undefined;
  await makeProxy(window, { files: certificate.files, grid: wish.grid, group, hours, upload, path: own }, passphrase);
}

/** The one that is named, or is called with that proxy; else the first. */
function gridMeant({ grids }: ProxyOffers, named: string | undefined, path: string | undefined): string | undefined {
  if (named !== undefined && Object.hasOwn(grids, named)) return named;
  if (path !== undefined) return Object.entries(grids).find(([, { spec }]) => spec.proxy === path)?.[0];
  return Object.keys(grids)[0];
}

async function chooseCertificate(): Promise<OfferedCertificate | undefined> {
  const path = await chosenFile('Your Grid Certificate', ['pem', 'crt', 'cert', 'p12', 'pfx']);
  if (path === undefined) return undefined;
  const files = await filesOfChosen(path);
  if (files !== undefined) return offeredCertificate(files);
  const key = await chosenFile('Its Private Key', ['pem', 'key']);
  return key === undefined ? undefined : offeredCertificate(certificateFilesOf(path, key));
}

async function chosenFile(title: string, endings: readonly string[]): Promise<string | undefined> {
  const filters = { [title]: [...endings], 'All Files': ['*'] };
  const [chosen] = (await vscode.window.showOpenDialog({ title, openLabel: 'Choose', filters })) ?? [];
  return chosen?.fsPath;
}
