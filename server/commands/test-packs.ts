import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { problemLine, readPack } from '@drawbridge/control/packs';
import { type Tried, tryPack } from '../pack-examples.ts';
import { shippedMaps } from '../shipped-packs.ts';

/** Tries a pack's samples and examples without a vendor; exit code 1 when one comes out otherwise than it says. */
export async function testPackCommand(file: string, options: { json?: boolean }): Promise<void> {
  const read = readPack(basename(file), await readFile(file, 'utf8'), await shippedMaps());
  if ('problems' in read) {
    const lines = read.problems.map(problemLine);
    process.stdout.write(
      options.json ? `${JSON.stringify({ problems: read.problems })}\n` : `${lines.join('\n')}\n`,
    );
    process.exitCode = 1;
    return;
  }
  const tried = tryPack(read.pack);
  const failed = tried.filter(({ differs }) => differs.length > 0).length;
  if (options.json) process.stdout.write(`${JSON.stringify({ tried: tried.map(shown), failed })}\n`);
  else
    process.stdout.write(
      `${tried.map(told).join('\n')}\n${tried.length} tried, ${failed} otherwise than the pack says.\n`,
    );
  process.exitCode = failed === 0 ? 0 : 1;
}

function shown({ run, ...rest }: Tried): object {
  if (run.refusal !== null) return { ...rest, refusal: run.refusal };
  const { method, path, query, headers, body, fields } = run.wire;
  return { ...rest, vendor: { method, path, query, headers, body: body.toString('utf8'), fields } };
}

function told({ name, service, contract, request, run, differs }: Tried): string {
  const lines = [`${service}, ${contract}: ${name} (${request})`];
  if (run.refusal === null) {
    const { method, path, query, headers, body, fields } = run.wire;
    lines.push(`  The vendor gets  ${method} ${path}${query === '' ? '' : `?${query}`}`);
    for (let at = 0; at + 1 < headers.length; at += 2) lines.push(`    ${headers[at]}: ${headers[at + 1]}`);
    if (body.length > 0)
      lines.push(
        ...body
          .toString('utf8')
          .trimEnd()
          .split('\n')
          .map((line) => `    ${line}`),
      );
    lines.push(
      ...fields.map(([fieldClass, treatment, count]) => `  ${treatment.padEnd(13)}${fieldClass} (${count})`),
    );
  }
  lines.push(...differs.map((difference) => `  DIFFERS  ${difference}`));
  return `${lines.join('\n')}\n`;
}
