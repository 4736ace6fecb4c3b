/** `stopsign sim render`: from names and flags to the renderer, which draws in a headless browser. */
import { basename } from 'node:path';
import { loadScenario } from '../sim/scenario-file.ts';

export interface SimRenderFlags {
  readonly out?: string | undefined;
  readonly fps?: number | undefined;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  /** false with --no-resume */
  readonly resume: boolean;
}

/** Returns a few lines for people. @throws BAD_CONFIG, INPUT_MISSING, NATIVE_MISSING */
export async function simRender(nameOrPath: string, { out, fps, size, resume }: SimRenderFlags): Promise<string> {
  const scenario = loadScenario(nameOrPath);
  // the renderer brings a browser along: only now
  const { runSimRender } = await import('../sim/render/run-sim-render.ts');
  const result = await runSimRender({ scenario, out: out ?? `${basename(scenario.name)}.mp4`, fps, size, resume });
  const rate = result.framesPerSecond === null ? '' : `, ${result.framesPerSecond.toFixed(1)} frames/s`;
  return [
    `clip   ${result.clip} (${result.frames} frames, ${result.drawn} drawn now${rate})`,
    `truth  ${result.truth}`,
    `site   ${result.site}`,
    '',
  ].join('\n');
}
