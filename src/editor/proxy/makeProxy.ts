import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { commands } from '../../ids.js';
import { duration } from '../../owner/duration.js';
import { moment } from '../../owner/moment.js';
import type { MadeProxy } from '../../owner/proxy/initProxy.js';
import { inProgress } from '../progress.js';
import { remedyOf } from '../remedies.js';
import type { Window } from '../window.js';
import type { Passphrase } from './askPassphrase.js';
import { uploadedDays } from './initProxySteps.js';
import { KeptOrders, type ProxyOrderKept } from './keptOrders.js';

/** Which proxy is wanted. */
export interface WantedProxy extends ProxyOrderKept {
  /** Where it is written; where its grid is called with one, or grids' tools look, unless told otherwise. */
  readonly path?: string | undefined;
}

/**
 * Makes a proxy, remembers how, and says as whom and until when it is good.
 *
 * @param passphrase undefined where the key has none
 * @throws SitespanError as `proxyPlace` and `initProxy`; where only the upload failed, saying that the proxy is made
 */
export async function makeProxy(
  window: Window,
  wanted: WantedProxy,
  passphrase: Passphrase | undefined,
): Promise<void> {
  const { files, grid, group, hours, upload, path } = wanted;
  const { initProxy } = await import('../../owner/proxy/initProxy.js');
  const { proxyPlace } = await import('../../owner/proxy/proxyPlace.js');
  const place = grid === undefined ? undefined : await proxyPlace(grid);
  let written: MadeProxy | undefined;
  const order = {
    ...{ files, group, hours, passphrase: async () => passphrase?.() ?? '' },
    ...{ authorities: place?.server.authorities, path: path ?? place?.path },
    upload: upload && place !== undefined ? { server: place.server, days: uploadedDays } : undefined,
    onWritten: (made: MadeProxy) => {
      written = made;
    },
  };
  let made: MadeProxy;
  try {
    made = await inProgress('Making a grid proxy', (progress, signal) => initProxy({ ...order, progress, signal }));
  } catch (error) {
    if (written === undefined) throw error;
    await keep(window, written, wanted);
    throw notUploaded(written, error);
  }
  await keep(window, made, wanted);
  // Not waited for: a message may stand there for days, and the passphrase with it.
  tell(made, order.upload?.server.address).catch((error: unknown) => window.log.error(String(error)));
}

async function keep(window: Window, { facts }: MadeProxy, wanted: WantedProxy): Promise<void> {
  const { files, grid, group, hours, upload } = wanted;
  await new KeptOrders(window.context.globalState).keep(facts.path, { files, grid, group, hours, upload });
  await window.proxies.look();
}

async function tell(made: MadeProxy, uploadedTo: string | undefined): Promise<void> {
  const { warnings } = made;
  const uploaded = uploadedTo === undefined ? [] : [`One for jobs was uploaded to ${new URL(uploadedTo).host}.`];
  const said = [sentenceOf(made), ...uploaded, ...warnings].join(' ');
  const info = 'Proxy Info';
  const chosen =
    warnings.length === 0
      ? await vscode.window.showInformationMessage(said, info)
      : await vscode.window.showWarningMessage(said, info);
  if (chosen === info) await vscode.commands.executeCommand(commands.proxyInfo);
}

function sentenceOf({ facts: { identity, group, expires } }: MadeProxy): string {
  const left = duration((expires.getTime() - Date.now()) / 1000);
  const of = group === undefined ? '' : ` in the group ${group}`;
  return `You are ${identity}${of} until ${moment(expires)}, for ${left}.`;
}

/** It was made all the same; a person who cancels hears that, too. */
function notUploaded(made: MadeProxy, error: unknown): SitespanError {
  const why = SitespanError.is(error) ? error.message : 'The upload was cancelled.';
  const remedy = SitespanError.is(error) ? remedyOf(error) : undefined;
  return new SitespanError(
    SitespanError.is(error) ? error.code : 'upload-cancelled',
    `${sentenceOf(made)} None was uploaded for jobs: ${why}`,
    { cause: error, ...(remedy !== undefined && { remedy }) },
  );
}
