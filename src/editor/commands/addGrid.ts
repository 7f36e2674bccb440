import * as vscode from 'vscode';
import { SitespanError } from '../../base/errors.js';
import { AuthorityFolder, usualAuthorityFolder } from '../../credentials/authorityFolder.js';
import { usualProxyPath } from '../../credentials/proxyFile.js';
import { commands, views } from '../../ids.js';
import { addGridSteps, type GridWish, gridOf } from '../addGridSteps.js';
import { GridFinder } from '../gridFinder.js';
import { inProgress } from '../progress.js';
import { askSteps } from '../steps.js';
import type { Window } from '../window.js';

/** Asks for what finds a grid out, and for the rest only where the grid does not tell; adds it, and says what works of it. */
export async function addGrid(window: Window): Promise<void> {
  const owner = await import('../../owner/grids.js');
  const taken = new Set(Object.keys(await owner.readGrids()));
  const proxy = usualProxyPath();
  // All is asked with it: without one, nobody answers questions in vain.
  const { usableProxy } = await import('../../owner/usableProxy.js');
  const { group } = await usableProxy(proxy);
  const { findClientFiles } = await import('../../grid/dirac/clientFiles.js');
  const clientFiles = await findClientFiles();
  const steps = addGridSteps({
    ...{ finder: new GridFinder(), proxy, proxyGroup: group, clientFiles, takenNames: taken },
    readAuthorities: (path) => AuthorityFolder.read(path),
    authoritiesTrouble: await troubleWith(usualAuthorityFolder()),
  });
  const [client] = clientFiles;
  const first: GridWish = {
    ...(client === undefined ? { by: 'configuration', address: '' } : { by: 'cfg', address: client }),
    ...{ caDirectory: usualAuthorityFolder(), name: '' },
  };
  const wish = await askSteps(first, steps);
  if (wish === undefined) return;
  const description = gridOf(wish);
  await owner.addGrid(wish.name, description);
  await Promise.all([window.grids.refresh(), window.proxies.refresh()]);
  await vscode.commands.executeCommand(`${views.sites}.focus`);
  await sayWhatWorks(wish.name, description);
}

/** Said when the folder is asked for, not only when it is accepted: most laptops have none. */
async function troubleWith(authorities: string): Promise<string | undefined> {
  try {
    await AuthorityFolder.read(authorities);
    return undefined;
  } catch (error) {
    if (SitespanError.is(error)) return error.message;
    throw error;
  }
}

async function sayWhatWorks(name: string, description: ReturnType<typeof gridOf>): Promise<void> {
  const { checkGrid } = await import('../../grid/dirac/checkGrid.js');
  const { sentenceOfCheck } = await import('../../owner/gridReport.js');
  const findings = await inProgress(`Trying the services of ${name}`, (_say, signal) =>
    checkGrid(description, { signal }),
  );
  const good = findings.every(({ verdict }) => verdict === 'good');
  const said = `The grid ${name} is added. ${sentenceOfCheck(name, findings)}`;
  const [show, cluster] = ['Show', 'New Cluster'];
  const chosen = good
    ? await vscode.window.showInformationMessage(said, cluster)
    : await vscode.window.showWarningMessage(said, show);
  if (chosen === cluster) await vscode.commands.executeCommand(commands.newCluster);
  if (chosen === show) await vscode.commands.executeCommand(commands.checkGrid, { kind: 'grid', grid: name });
}
