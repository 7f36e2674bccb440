// Mocha's own output for people, and beside it the counts as a file for scripts/test.mjs.
import { writeFileSync } from 'node:fs';
import { reporters } from 'mocha';

export class SpecAndCounts extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const again = [];
    const failedFiles = new Set();
    runner.on('fail', (test) => failedFiles.add(test.file ?? test.parent?.file ?? ''));
    runner.on('retry', (test, error) => again.push(`${test.fullTitle()}: ${error.message}`));
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      for (const line of again) process.stdout.write(`tried again: ${line}\n`);
      writeFileSync(
        options.reporterOption.file,
        JSON.stringify({ passed: passes, failed: failures, skipped: pending, failedFiles: [...failedFiles] }),
      );
    });
  }
}

// biome-ignore lint/style/noDefaultExport: mocha takes a reporter by its default export.
export default SpecAndCounts;
