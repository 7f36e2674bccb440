import type { CommandHelp } from '../commandHelp.js';

export const proxyHelp: CommandHelp = {
  summary: 'make a proxy from your grid certificate, look at it, remove it, upload one for jobs',
  usage: 'init | info | destroy | upload [OPTIONS]',
  details: `init makes a proxy for hours (and, with --grid, does what upload does); info tells what it is, whose, and whether servers would
take it; upload lets a DIRAC run jobs as you for days: it makes a key and your certificate signs for it, so no key travels.
The passphrase is asked for on the terminal and not shown; it is never an argument or a variable.
Certificates are looked for as grid tools do: X509_USER_CERT and X509_USER_KEY, ~/.globus/usercert.pem and userkey.pem,
~/.globus/usercred.p12. More, and what to do about each refusal: docs/proxies.md.`,
  words: [['init', 'info', 'destroy', 'upload']],
  options: [
    { flag: '--cert', value: 'FILE', help: 'your certificate, PEM' },
    { flag: '--key', value: 'FILE', help: 'its key, PEM, mode 0600 (the file of --cert)' },
    { flag: '--p12', value: 'FILE', help: 'both, as a browser exports them' },
    { flag: '--passphrase-stdin', help: 'read the passphrase from stdin, where it is no terminal' },
    {
      flag: '--group',
      value: 'NAME',
      help: "DIRAC's group (the grid's, or DIRAC's default for you)",
      completes: 'nothing',
    },
    { flag: '--hours', value: 'N', help: 'for how long the proxy is good (24)', completes: 'nothing' },
    { flag: '--limited', help: 'a limited one: servers start no jobs for it' },
    { flag: '--out', value: 'FILE', help: "where init writes it (the grid's, X509_USER_PROXY, or /tmp/x509up_u<uid>)" },
    { flag: '--file', value: 'FILE', help: 'the proxy of info or destroy (X509_USER_PROXY, or /tmp/x509up_u<uid>)' },
    {
      flag: '--ca-folder',
      value: 'FOLDER',
      help: "authorities (the grid's, X509_CERT_DIR, or /etc/grid-security/certificates)",
    },
    {
      flag: '--grid',
      value: 'GRID',
      help: 'where to upload to: a grid that was added, or https://dirac.example:8443',
      completes: 'grid',
    },
    { flag: '--days', value: 'N', help: 'for how long the uploaded one is good (30)', completes: 'nothing' },
    { flag: '--json', help: 'the answer, as JSON (init, info, upload)' },
  ],
  examples: [
    {
      line: 'sitespan proxy init --grid gridpp',
      does: "a proxy with the grid's group, where its clusters look for it; and one for jobs, uploaded",
    },
    { line: 'sitespan proxy init --group gridpp_user', does: 'a proxy for a day, from the certificate in ~/.globus' },
    {
      line: 'sitespan proxy init --p12 me.p12 --group gridpp_user --grid https://dirac.example:8443',
      does: 'from what a browser has exported; and one for jobs to run with, uploaded',
    },
    {
      line: 'sitespan proxy init --passphrase-stdin --hours 12 < passphrase.txt',
      does: 'where nobody can be asked',
    },
    { line: 'sitespan proxy info --json', does: 'what the proxy is, for a program' },
  ],
  exits: { 1: 'failed; info: there is no proxy, or servers would refuse it' },
};
