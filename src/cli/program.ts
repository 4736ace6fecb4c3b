/** The `stopsign` program: its sub-commands, in the order of the help, and how they end. Called by `cli.ts` and tests. */
import { Command, CommanderError } from 'commander';
import { describeError, ERROR_CODES, StopsignError } from '../errors.ts';
import type { ProgramOutput } from './commands/command-context.ts';
import { addDoctor, addFault, addUp } from './commands/house-commands.ts';
import { addRejudge, addScore } from './commands/judgement-commands.ts';
import { addModels } from './commands/models-commands.ts';
import { addReplay, addTrack } from './commands/recording-commands.ts';
import { addSim } from './commands/sim-commands.ts';

const terminal: ProgramOutput = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/** @param args without node and script. Resolves with the exit code; never throws for a fault of the user. */
export async function runProgram(args: readonly string[], output: ProgramOutput = terminal): Promise<number> {
  let exitCode = 0;
  const program = createProgram(output, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args as string[], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ERROR_CODES.BAD_USAGE;
    output.err(`${describeError(error)}\n`);
    if (process.env['STOPSIGN_LOG_LEVEL'] === 'debug' && error instanceof Error) output.err(`${error.stack}\n`);
    return StopsignError.from(error).exitCode;
  }
}

const EXIT_CODES = `
Exit codes: 0 ok · 64 bad usage or configuration · 65 bad data · 66 input missing · 69 something needed is not available · 70 internal`;

function createProgram(output: ProgramOutput, exitWith: (code: number) => void): Command {
  const program = new Command('stopsign')
    .description('Watches a stop sign: finds and follows vehicles, judges whether they stopped, shows it live.')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: output.out, writeErr: output.err })
    .addHelpText('after', EXIT_CODES);
  const context = { output, exitWith };
  addUp(program, context);
  addReplay(program);
  addTrack(program, context);
  addScore(program, context);
  addRejudge(program, context);
  addSim(program, context);
  addModels(program);
  addDoctor(program, context);
  addFault(program, context);
  return program;
}
