/** What is imported is named in package.json: a package that merely happens to be there may be gone with the next update. */
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../../support/shared.ts';

const root = projectRoot();
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
const named = new Set(
  ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((kind) => Object.keys(manifest[kind] ?? {})),
);
const IMPORT = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*(['"])([^'"\n]+)\1/g;

/** `@scope/name` or `name` of a package; null for files and what Node has. */
function packageOf(specifier: string): string | null {
  if (!/^[@a-z]/i.test(specifier) || isBuiltin(specifier) || /^(data|file|https?|virtual):/.test(specifier))
    return null;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function imports(text: string): string[] {
  return [...text.matchAll(IMPORT)].flatMap(([, , specifier = '']) => packageOf(specifier) ?? []);
}

it('finds imports of each kind', () => {
  const text =
    "import a from 'zod';\nimport '@trpc/server/x/y';\nawait import('vite/z'); require('yaml'); from './own.ts'; from 'node:fs'";
  expect(imports(text)).toEqual(['zod', '@trpc/server', 'vite', 'yaml']);
});

it.each(['src', 'test', 'bench', 'scripts'])('in %s', (folder) => {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const code = files.filter((name) => /\.(ts|tsx|mjs|js)$/.test(name) && !name.includes('node_modules'));
  expect(code.length).toBeGreaterThan(0);
  const strangers = code.flatMap((name) =>
    imports(readFileSync(join(root, folder, name), 'utf8'))
      .filter((one) => !named.has(one))
      .map((one) => `${folder}/${name}: ${one}`),
  );
  expect(strangers).toEqual([]);
});
