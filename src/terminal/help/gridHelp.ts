import type { CommandHelp } from '../commandHelp.js';

const json = { flag: '--json', help: 'everything, as JSON' };

export const gridHelp: CommandHelp = {
  summary: 'the grids you have: add one (DIRAC), list them, check one, forget one',
  usage: 'add|list|check|remove [NAME] [OPTIONS]',
  details: `"add" finds out what it can, with your proxy: service addresses, setup, VO, group and sites from the configuration server
(--configuration), a dirac.cfg that a client has (--cfg), or the services themselves (--url). What is given goes before what is
found; what cannot be found is asked on a terminal, and said elsewhere. "check" tries each service and says what fails and why.
"remove" forgets a grid; clusters that were made with it keep it. The list is $XDG_CONFIG_HOME/sitespan/grids.json.`,
  words: [['add', 'list', 'check', 'remove'], 'grid'],
  options: [
    { flag: '--url', value: 'URL', help: 'where the services are: https://dirac.example:8443', completes: 'nothing' },
    {
      flag: '--configuration',
      value: 'URL',
      help: 'the configuration server: https://dirac.example:9135/Configuration/Server',
      completes: 'nothing',
    },
    { flag: '--cfg', value: 'FILE', help: 'a dirac.cfg of a client of that grid' },
    { flag: '--setup', value: 'NAME', help: "the grid's setup (found)", completes: 'nothing' },
    { flag: '--vo', value: 'NAME', help: 'your virtual organisation (found)', completes: 'nothing' },
    { flag: '--group', value: 'NAME', help: "your group (the proxy's)", completes: 'nothing' },
    {
      flag: '--site',
      value: 'SITE',
      many: true,
      help: 'a site that jobs may go to (all that your VO may use)',
      completes: 'nothing',
    },
    { flag: '--proxy', value: 'FILE', help: 'your proxy ($X509_USER_PROXY, or /tmp/x509up_u<uid>)' },
    { flag: '--ca', value: 'FOLDER', help: "the authorities' certificates (/etc/grid-security/certificates)" },
    { flag: '--replace', help: 'add it in the place of the one of that name' },
    { ...json, help: 'list and check: everything, as JSON' },
  ],
  examples: [
    {
      line: 'sitespan grid add gridpp --configuration https://dirac.example:9135/Configuration/Server',
      does: 'finds out all of it, and adds it as gridpp',
    },
    {
      line: 'sitespan grid add gridpp --url https://dirac.example:8443 --setup GridPP --vo gridpp',
      does: 'where there is no configuration server over HTTPS',
    },
    { line: 'sitespan grid check gridpp', does: 'tries each of its services' },
  ],
  exits: { 1: 'failed; of "check": something is wrong' },
};

export const sitesHelp: CommandHelp = {
  summary: "your grids' sites: whether they are open, their jobs, your workers there",
  usage: '[GRID] [--json]',
  details: `Jobs are those of all users of the grid, where it tells; workers are yours, of all clusters of this computer.
Without GRID all grids that were added.`,
  words: ['grid'],
  options: [json],
  examples: [
    { line: 'sitespan sites', does: 'all of them' },
    {
      line: 'sitespan sites gridpp --json | jq -r \'.[].sites[] | select(.word == "Active") | .name\'',
      does: 'the names of those that are open',
    },
  ],
};
