/** `stopsign models …`: the detectors. Called by program.ts. */
import type { Command } from 'commander';
import { MODELS_DIR } from '../../config/project-files.ts';
import { examples } from './help-words.ts';

export function addModels(program: Command): void {
  const models = program.command('models').description('the detectors StopSign knows');
  models
    .command('list')
    .description('name, size, licence and whether it is here')
    .addHelpText('after', examples(['stopsign models list']))
    .action(async () => {
      const { listModels } = await import('../models.ts');
      await listModels(modelPlaces());
    });
  models
    .command('pull')
    .description('fetch a detector and check its sha256; without a name, the first that can be had')
    .argument('[name]', 'a name from the list')
    .addHelpText('after', examples(['stopsign models pull', 'stopsign models pull yolox-nano']))
    .action(async (name: string | undefined) => {
      const { pullModel } = await import('../models.ts');
      await pullModel(name, modelPlaces());
    });
}

function modelPlaces() {
  return { modelsDir: MODELS_DIR, env: process.env, out: process.stdout };
}
