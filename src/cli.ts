#!/usr/bin/env node
/** The `stopsign` command. Everything else is loaded by the sub-command that needs it, so `--help` is instant. */
import { runProgram } from './cli/program.ts';

process.exitCode = await runProgram(process.argv.slice(2));
