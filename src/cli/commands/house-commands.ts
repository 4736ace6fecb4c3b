/** The commands around a running house: `up`, `doctor`, `fault`. Called by program.ts. */
import { Argument, type Command } from 'commander';
import { CAMERA_FAULTS, PARTS, PROCESS_FAULTS, ROOM_FAULTS } from '../../rpc/fault.ts';
import type { CommandContext } from './command-context.ts';
import { CONFIG_HELP, examples } from './help-words.ts';
import { portNumber, positive } from './number-arguments.ts';

export function addUp(program: Command, { exitWith }: CommandContext): void {
  program
    .command('up')
    .description('start everything: database, media hub, analyzer and the web page')
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--enable-faults', 'let an admin make parts fail on purpose (stopsign fault): never where it matters')
    .addHelpText('after', examples(['stopsign up', 'stopsign up --config front-yard.yaml', 'PORT=8081 stopsign up']))
    .action(async ({ enableFaults = false, ...options }: { config?: string; enableFaults?: boolean }) => {
      const { runUp } = await import('../up.ts');
      exitWith(await runUp({ ...options, faults: enableFaults }));
    });
}

export function addDoctor(program: Command, { output, exitWith }: CommandContext): void {
  program
    .command('doctor')
    .description('check what StopSign needs: one line each, ok or the remedy')
    .option('-c, --config <file>', CONFIG_HELP)
    .addHelpText('after', examples(['stopsign doctor', 'stopsign doctor --config front-yard.yaml']))
    .action(async (options: { config?: string }) => {
      const { runDoctor } = await import('../doctor.ts');
      exitWith(await runDoctor(options, output));
    });
}

interface FaultFlags {
  readonly config?: string;
  readonly port?: number;
  readonly seconds?: number;
  readonly factor?: number;
}

export function addFault(program: Command, { output }: CommandContext): void {
  program
    .command('fault')
    .description('make a part of a running house fail on purpose, to see it recover; only after up --enable-faults')
    .argument('<room>', `an actor (inference, tracker:CAMERA …), supervisor, or ${PARTS.join(', ')}`)
    .addArgument(
      new Argument('<kind>', `what happens to it (${CAMERA_FAULTS.join(', ')}: of the virtual camera)`).choices([
        ...new Set([...ROOM_FAULTS, ...PROCESS_FAULTS, ...CAMERA_FAULTS]),
      ]),
    )
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--port <number>', 'of the page (default: PORT, gateway.port)', portNumber)
    .option('--seconds <number>', 'how long a fault lasts that passes by itself (default: 10)', positive)
    .option('--factor <number>', 'how much slower, for slow (default: 10)', positive)
    .addHelpText(
      'after',
      examples([
        'stopsign fault inference hang',
        'stopsign fault tracker:front slow --factor 20 --seconds 30',
        'stopsign fault postgres stop --seconds 120',
        'stopsign fault camera resize --seconds 20',
      ]),
    )
    .action(async (room: string, kind: string, flags: FaultFlags) => {
      const { runFault } = await import('../fault.ts');
      output.out(await runFault({ room, kind, ...flags }));
    });
}
