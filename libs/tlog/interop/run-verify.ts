import { spawnSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as util from 'node:util';
import { compileFunction } from 'node:vm';

const script = fileURLToPath(new URL('../verify.mjs', import.meta.url));
const modules: Record<string, unknown> = {
  'node:crypto': crypto,
  'node:fs': fs,
  'node:path': path,
  'node:util': util,
};

export interface Outcome {
  status: number | null | undefined;
  said: string;
}

/** Runs verify.mjs as its users do. No answer within ten seconds, or a need of over 256 MB, is an outcome without status. */
export function spawnVerify(args: readonly string[]): Outcome {
  const done = spawnSync(process.execPath, ['--max-old-space-size=256', script, ...args], {
    encoding: 'utf8',
    timeout: 10_000,
    env: {},
  });
  return { status: done.status, said: done.stdout + done.stderr };
}

/** The same text, run in this process thousands of times; only how it gets at Node's modules is changed, and `fakes` of `node:fs`. */
const text = fs
  .readFileSync(script, 'utf8')
  .replace(/^import (\{.*\}) from '(node:\w+)';$/gm, "const $1 = modules['$2'];");
const run = compileFunction(text, ['modules', 'process', 'console'], { filename: script });

export function verify(args: readonly string[], fakes: Partial<typeof fs> = {}): Outcome {
  const lines: string[] = [];
  const say = (line: string): number => lines.push(`${line}\n`);
  const world: { argv: string[]; exitCode?: number } = { argv: ['node', script, ...args] };
  run({ ...modules, 'node:fs': { ...fs, ...fakes } }, world, { log: say, error: say });
  return { status: world.exitCode, said: lines.join('') };
}
