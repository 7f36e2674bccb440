import type { Redactor } from './redactor.js';

export const logLevels = ['debug', 'info', 'warning', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What belongs to a line beside its sentence. Errors and nested objects are welcome. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Takes one finished line, its newline included. */
export type LogSink = (line: string) => void;

/** A value under such a name is not shown, whatever it looks like. */
const secretName = /(password|passphrase|secret|credential|cookie|authorization|private_?key)$|^(token|key|ticket)$/i;
const deepest = 6;

/**
 * Structured log: one JSON object a line, redacted before anything else sees it.
 *
 * `{"t": ISO time, "level", "scope", "message", …fields}`
 */
export class Log {
  constructor(
    private readonly sink: LogSink,
    private readonly redactor: Redactor,
    private readonly options: { readonly scope: string; readonly level?: LogLevel },
  ) {}

  /** The same log for a part of the program, named `<scope>.<name>`. */
  scoped(name: string): Log {
    return new Log(this.sink, this.redactor, { ...this.options, scope: `${this.options.scope}.${name}` });
  }

  debug(message: string, fields?: LogFields): void {
    this.write('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.write('info', message, fields);
  }

  warning(message: string, fields?: LogFields): void {
    this.write('warning', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.write('error', message, fields);
  }

  private write(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (logLevels.indexOf(level) < logLevels.indexOf(this.options.level ?? 'info')) return;
    const line = { t: new Date().toISOString(), level, scope: this.options.scope, message };
    const shown = this.shown({ ...fields, ...line }, deepest);
    this.sink(`${JSON.stringify(shown)}\n`);
  }

  private shown(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.redactor.redact(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Uint8Array) return `<${value.byteLength} bytes>`;
    // Also what ends a circle.
    if (depth === 0) return '…';
    if (value instanceof Error) return this.shown(plainError(value), depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
    if (value instanceof Map) return this.shown(Object.fromEntries(value), depth);
    if (Array.isArray(value) || value instanceof Set) return [...value].map((item) => this.shown(item, depth - 1));
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        this.redactor.redact(name),
        secretName.test(name) && typeof item === 'string' ? '<redacted>' : this.shown(item, depth - 1),
      ]),
    );
  }
}

function plainError(error: Error): LogFields {
  return {
    name: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
    ...(error instanceof AggregateError ? { errors: error.errors } : {}),
    stack: error.stack,
  };
}
