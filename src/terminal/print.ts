/** Writes a line that is the command's answer. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line that tells what is being done: not part of what a program reads from the command. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
