import { stat } from 'node:fs/promises';
import { SitespanError } from '../../../base/errors.js';
import { unlessAbsent } from '../../../base/systemError.js';
import { type Check, type Finding, findEach } from '../check.js';
import type { ExaminedCluster } from '../examinedCluster.js';

/** What every cluster needs to be kept: its settings, its journal, its program. */
export const clustersReadable: Check = {
  id: 'clusters-readable',
  title: 'clusters are whole and of a version that this one knows',
  find: ({ clusters }) =>
    findEach(
      clusters.filter(({ ended }) => !ended),
      look,
    ),
};

async function look({ name, folder, settings, facts }: ExaminedCluster): Promise<Finding[]> {
  const findings: Finding[] = [];
  const remove = `or, where that is lost, end what runs of it ("sitespan stop-everything" ends all) and remove its folder: rm -r ${folder.path}`;
  if (SitespanError.is(settings, 'cluster-newer')) {
    const fix = `Update this program, or use the cluster's own: node ${folder.program}`;
    findings.push({ severity: 'doubtful', what: settings.message, where: folder.settings, fix });
  } else if (settings instanceof SitespanError) {
    const what = `The settings of the cluster ${name} cannot be read: ${settings.message}`;
    findings.push({ severity: 'wrong', what, where: folder.settings, fix: `Put that file back, ${remove}` });
  }
  if (facts instanceof SitespanError) {
    const what = `The journal of the cluster ${name} cannot be read: ${facts.message}`;
    findings.push({ severity: 'wrong', what, where: folder.journal, fix: `Put it back from a copy, ${remove}` });
  }
  if ((await unlessAbsent(stat(folder.program))) === undefined) {
    const what = `The cluster ${name} has lost its program, so nothing can keep it.`;
    findings.push({ severity: 'wrong', what, where: folder.program, fix: `Put that file back, ${remove}` });
  }
  return findings;
}
