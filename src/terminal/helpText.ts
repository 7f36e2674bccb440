import { type CommandHelp, usualExits } from './commandHelp.js';

/** How a command is asked for, and what it does: what `sitespan NAME --help` shows. */
export function helpText(name: string, help: CommandHelp): string {
  const options = help.options.map(({ flag, short, value, help: does }) => [
    `${short === undefined ? '' : `${short}, `}${flag}${value === undefined ? '' : ` ${value}`}`,
    does,
  ]);
  const exits = Object.entries({ ...usualExits, ...help.exits }).map(([code, means]) => [code, means]);
  return [
    `sitespan ${name} ${help.usage}`.trimEnd(),
    '',
    sentence(help.summary),
    ...(help.details === undefined ? [] : ['', help.details.trim()]),
    ...(options.length === 0 ? [] : ['', 'Options:', ...columns(options)]),
    '',
    'Examples:',
    ...help.examples.flatMap(({ line, does }) => [`  ${line}`, `      ${does}`]),
    '',
    'Exit codes:',
    ...columns(exits),
    '',
  ].join('\n');
}

/** All commands, a line each: what `sitespan help` shows. */
export function overview(commands: Readonly<Record<string, CommandHelp>>): string {
  return [
    'sitespan COMMAND …',
    '',
    'One Dask cluster over many grid sites, and your notebook on it.',
    '',
    ...columns(Object.entries(commands).map(([name, { summary }]) => [name, summary])),
    '',
    '"sitespan COMMAND --help" shows a command\'s options, examples and exit codes.',
    '',
  ].join('\n');
}

/** A summary is without capital and full stop, to stand in a list. */
export function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
}
