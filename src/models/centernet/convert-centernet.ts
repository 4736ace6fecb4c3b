/**
 * The CenterNet inside an npm package → one ONNX file. Called by the resolver at set-up, where the pinned download
 * cannot be reached but the package registry could. Deterministic: the sha256 of the result is pinned in the manifest.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { StopsignError } from '../../errors.ts';
import { encodeModel } from '../onnx/model-proto.ts';
import { convertGraph } from './convert-graph.ts';
import { readTfjsGraph } from './tfjs-graph.ts';

export interface PackagedGraph {
  /** npm package, e.g. `@vladmandic/human`. */
  readonly package: string;
  /** The graph's JSON within it; the weights lie beside it with the ending `.bin`. */
  readonly graph: string;
}

/**
 * @returns the ONNX model: `images` [1,3,h,w] RGB 0–255 → `heat` [1,80,h/4,w/4] and `wh` [1,4,h/4,w/4]
 * @throws StopsignError BAD_MODEL when the package is not installed or holds something else
 */
export async function convertCenternet(origin: PackagedGraph): Promise<Uint8Array> {
  const path = join(packageRoot(origin.package), origin.graph);
  const [json, weights] = await readBoth(path, origin);
  const source = readTfjsGraph(json, weights);
  const graph = convertGraph(source, {
    inputName: 'images',
    outputs: { 'tower_0/keypoints': 'heat', 'tower_0/wh': 'wh' },
  });
  return encodeModel({
    producer: 'stopsign',
    graphName: 'centernet',
    nodes: graph.nodes,
    constants: graph.constants,
    inputs: [{ name: 'images', dims: [1, 3, 'height', 'width'] }],
    outputs: [
      { name: 'heat', dims: [1, 80, 'rows', 'columns'] },
      { name: 'wh', dims: [1, 4, 'rows', 'columns'] },
    ],
  });
}

async function readBoth(path: string, origin: PackagedGraph): Promise<[unknown, Uint8Array]> {
  try {
    const [json, weights] = await Promise.all([readFile(path, 'utf8'), readFile(path.replace(/\.json$/, '.bin'))]);
    return [JSON.parse(json), weights];
  } catch (cause) {
    throw new StopsignError('BAD_MODEL', `The npm package ${origin.package} does not hold ${origin.graph}.`, {
      remedy: 'Run `npm ci` to install the pinned version.',
      cause,
    });
  }
}

/** The folder that holds the package's package.json (which the package itself may hide from `resolve`). */
function packageRoot(name: string): string {
  const suffix = join('node_modules', ...name.split('/'));
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return entry.slice(0, entry.lastIndexOf(suffix) + suffix.length);
  } catch (cause) {
    throw new StopsignError('BAD_MODEL', `The npm package ${name} is not installed.`, {
      remedy: 'Run `npm ci` without `--omit=dev`.',
      cause,
    });
  }
}
