#!/usr/bin/env node
/** The `stopsign` command. Everything else is loaded by the sub-command that needs it, so `--help` is instant. */
import { runProgram } from './cli/program.ts';

// For the commands that run a model in this process; here, since a thread's environment is a copy (adr/0023).
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

process.exitCode = await runProgram(process.argv.slice(2));
