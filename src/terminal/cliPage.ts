import { type CommandHelp, usualExits } from './commandHelp.js';
import { sentence } from './helpText.js';

/** docs/cli.md: every command with its options, examples and exit codes. */
export function cliPage(commands: Readonly<Record<string, CommandHelp>>): string {
  const names = Object.keys(commands);
  return [
    '# Command line: everything a cluster can be asked for in a terminal',
    '',
    "<!-- Written from the commands' own help: SITESPAN_WRITE_DOCS=1 npx mocha test/unit/terminal/docs.test.ts -->",
    '',
    '`sitespan help` lists the commands, `sitespan COMMAND --help` shows one. In a checkout, `node dist/cli.mjs` is `sitespan`.',
    '',
    '| command | what |',
    '| --- | --- |',
    ...names.map((name) => `| [${name}](#sitespan-${name}) | ${escaped(commands[name]?.summary ?? '')} |`),
    '',
    '## Everywhere the same',
    `- **Exit codes**: ${exits(usualExits)}. A command that means more by them says so.`,
    '- **Output**: the answer goes to stdout, what is being done and what went wrong to stderr. Colours only on a terminal, and not with `NO_COLOR`. Nothing is asked where there is no terminal.',
    '- **Completion**: `source <(sitespan completion bash)` in `~/.bashrc`, or `zsh` in `~/.zshrc`; names of clusters, pools, workers and kernels complete, too.',
    '- **Other hosts**: commands see the clusters of this computer only ([shared-homes.md](shared-homes.md)).',
    '',
    ...names.flatMap((name) => sectionOf(name, commands[name])),
  ].join('\n');
}

function sectionOf(name: string, help: CommandHelp | undefined): string[] {
  if (help === undefined) return [];
  const options = help.options.map(({ flag, short, value, help: does }) => {
    const both = short === undefined ? flag : `${short}, ${flag}`;
    return `| \`${both}${value === undefined ? '' : ` ${value}`}\` | ${escaped(does)} |`;
  });
  return [
    `## sitespan ${name}`,
    sentence(help.summary),
    '',
    '```',
    `sitespan ${name} ${help.usage}`.trimEnd(),
    ...help.examples.flatMap(({ line, does }) => ['', `# ${does}`, line]),
    '```',
    '',
    ...(help.details === undefined ? [] : [help.details, '']),
    ...(options.length === 0 ? [] : ['| option | what |', '| --- | --- |', ...options, '']),
    ...(help.exits === undefined ? [] : [`Exit codes: ${exits({ ...usualExits, ...help.exits })}.`, '']),
  ];
}

function exits(codes: Readonly<Record<number, string>>): string {
  return Object.entries(codes)
    .map(([code, means]) => `${code} ${means}`)
    .join('; ');
}

/** A bar ends a table's cell. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
