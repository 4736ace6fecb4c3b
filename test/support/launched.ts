/** Starts a program that logs JSON lines, waits for its lines, and leaves nothing behind. Integration tests only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { until } from './until.ts';

const STOPS_WITHIN_MS = 10_000;

export interface LogLine {
  readonly msg: string;
  readonly [key: string]: unknown;
}

export class Launched implements AsyncDisposable {
  readonly lines: LogLine[] = [];
  stderr = '';
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;

  constructor(command: readonly string[], env: NodeJS.ProcessEnv = process.env, cwd?: string) {
    const [program = 'node', ...args] = command;
    this.child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], ...(cwd ? { cwd } : {}) });
    this.exited = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
    let rest = '';
    this.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const texts = (rest + chunk).split('\n');
      rest = texts.pop() ?? '';
      for (const text of texts) if (text.startsWith('{')) this.lines.push(JSON.parse(text) as LogLine);
    });
    this.child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stderr += chunk;
    });
  }

  /** The first line that matches, now or within the time. */
  line(matches: (line: LogLine) => boolean, what: string, timeoutMs = 10_000): Promise<LogLine> {
    return until(() => this.lines.find(matches), { timeoutMs, what }).catch((cause: unknown) => {
      const said = this.lines.slice(-8).map((line) => JSON.stringify(line).slice(0, 300));
      throw new Error(`no sign of ${what}:\n${[...said, this.stderr.slice(-500)].join('\n')}`, { cause });
    });
  }

  /** Asked first: one that is killed cannot end what it has started, and that goes on writing. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    const inVain = setTimeout(() => this.child.kill('SIGKILL'), STOPS_WITHIN_MS);
    await this.exited;
    clearTimeout(inVain);
  }
}
