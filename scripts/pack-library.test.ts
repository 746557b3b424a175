import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { packLibrary } from './pack-library.ts';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));

it('packs a library as plain Node can install it, and none that is private', () => {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-packed-'));
  try {
    const made = join(folder, 'made');
    packLibrary('scan', made);
    const listed: [{ name: string; files: { path: string }[] }] = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel', 'silent'], {
        cwd: made,
        encoding: 'utf8',
      }),
    );
    const files = listed[0].files.map(({ path }) => path);
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'index.js', 'index.d.ts', 'testing/index.js']),
    );
    expect(files.filter((path) => /(?<!\.d)\.ts$|test/.test(path.replace(/^testing\//, '')))).toEqual([]);

    // As it is installed: its own dependencies beside it, and nothing of this house.
    const others = join(folder, 'app/node_modules');
    mkdirSync(join(others, '@drawbridge'), { recursive: true });
    cpSync(made, join(others, '@drawbridge/scan'), { recursive: true });
    const { dependencies } = JSON.parse(readFileSync(join(made, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) symlinkSync(join(modules, name), join(others, name));
    const program = `
      import { compileScanner } from '@drawbridge/scan';
      import { exampleOf, seeded } from '@drawbridge/scan/testing';
      const form = 'ex_live_{base62:24}';
      const scanner = compileScanner({ rules: [{ id: 'example.key', class: 'secret.api_key', forms: [form] }], personal: 'all' });
      const text = 'my key is ' + exampleOf(form, seeded(1)) + ', call +49 30 123456 or made@up.example';
      console.log(scanner.scan(text).map(({ detector }) => detector).join());`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: join(folder, 'app'),
      encoding: 'utf8',
    });
    expect(said.trim()).toMatch(/^example\.key,personal\.phone\b.*,personal\.email\b/);
    expect(() => packLibrary('minimise', join(folder, 'other'))).toThrow('@drawbridge/minimise is private');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
