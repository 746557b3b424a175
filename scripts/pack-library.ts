import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * `node bin/run.mjs scripts/pack-library.ts <library> <directory>`: writes the package of a library in `libs/` as others can
 * install it, JavaScript with its types, since Node reads no TypeScript below `node_modules`. `npm publish <directory>` takes it
 * from there. A library marked `private`, or one that needs such, is refused.
 */
const root = fileURLToPath(new URL('..', import.meta.url));

interface Manifest {
  name: string;
  private?: boolean;
  exports: Readonly<Record<string, string>>;
  dependencies?: Readonly<Record<string, string>>;
  scripts?: unknown;
  files?: unknown;
}

/** Writes the package of `libs/<library>` into `directory`, which is made. Throws for what can't be published. */
export function packLibrary(library: string, directory: string): void {
  const from = join(root, 'libs', library);
  const { scripts: _scripts, files: _files, ...manifest } = manifestAt(from);
  if (manifest.private === true) throw new Error(`${manifest.name} is private`);
  for (const name of Object.keys(manifest.dependencies ?? {}))
    if (name.startsWith('@drawbridge/') && manifestAt(join(root, 'libs', basename(name))).private === true)
      throw new Error(`${manifest.name} needs ${name}, which is private`);
  mkdirSync(directory, { recursive: true });
  compile(from, directory, Object.values(manifest.exports));
  const exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([name, file]) => [name, compiledOf(file)]),
  );
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify({ ...manifest, exports }, null, 2)}\n`);
  copyFileSync(join(root, 'LICENSE'), join(directory, 'LICENSE'));
  for (const file of ['README.md', 'personal/README.md'])
    if (existsSync(join(from, file))) copyFileSync(join(from, file), join(directory, file));
}

function manifestAt(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}

const compiledOf = (file: string): { types: string; default: string } => ({
  types: file.replace(/\.ts$/, '.d.ts'),
  default: file.replace(/\.ts$/, '.js'),
});

/** What the entries need, and no tests. */
function compile(from: string, directory: string, entries: readonly string[]): void {
  const settings = mkdtempSync(join(tmpdir(), 'drawbridge-pack-'));
  try {
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        rewriteRelativeImportExtensions: true,
        typeRoots: [join(root, 'node_modules/@types')],
        rootDir: from,
        outDir: directory,
      },
      include: [],
      files: entries.map((file) => join(from, file)),
    };
    writeFileSync(join(settings, 'tsconfig.json'), JSON.stringify(config));
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', settings], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } finally {
    rmSync(settings, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [library, directory] = process.argv.slice(2);
  if (library === undefined || directory === undefined) {
    process.stderr.write('usage: pack-library <library> <directory>\n');
    process.exit(2);
  }
  packLibrary(library, directory);
  process.stdout.write(`${directory} holds the package: npm pack --dry-run ${directory}\n`);
}
