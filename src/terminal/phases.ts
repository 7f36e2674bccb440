import type { Screen } from './screen.js';

/** Tells how long each phase of a longer command took, in the order they ended. */
export class Phases {
  private readonly took: [string, number][] = [];
  private readonly begun = performance.now();

  constructor(private readonly screen: Screen) {}

  /** Seconds since the command began. */
  get seconds(): number {
    return (performance.now() - this.begun) / 1000;
  }

  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await work();
    this.note(name, (performance.now() - begun) / 1000);
    return result;
  }

  note(name: string, seconds: number): void {
    this.took.push([name, seconds]);
    this.screen.print(`  ${seconds.toFixed(1).padStart(6)} s  ${name}`);
  }

  get all(): readonly (readonly [name: string, seconds: number])[] {
    return this.took;
  }
}
