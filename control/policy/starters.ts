import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from '@hono/zod-openapi';
import { LineCounter, parseDocument } from 'yaml';
import { readPolicy } from './engine.ts';
import { type Example, formOf, MOST_EXAMPLES } from './examples.ts';
import { LONGEST_TEXT } from './schemas.ts';

/** A policy as files have it. */
export interface PolicyFile {
  name: string;
  text: string;
  examples: Example[];
}

/** One of those that are shipped, to be taken over. */
export interface Starter extends PolicyFile {
  title: string;
}

/** What is wrong in a policy's files, and where. Line and column from 1. */
export interface PolicyFileProblem {
  file: string;
  line: number;
  column: number;
  message: string;
}

const LARGEST_EXAMPLES = 256 * 1024;
const FILE = /^([a-z][a-z0-9-]{0,59})\.cedar$/;

/**
 * Reads `<name>.cedar` and `<name>.examples.yaml` of a folder, in order of names, and checks each text against the
 * schema. What is wrong is given back with its place; the right ones are given all the same.
 */
export async function readPolicyFolder(
  folder: string,
): Promise<{ policies: Starter[]; problems: PolicyFileProblem[] }> {
  const files = (await readdir(folder)).sort();
  const policies: Starter[] = [];
  const problems: PolicyFileProblem[] = [];
  const whole = (file: string, message: string): void => {
    problems.push({ file, line: 1, column: 1, message });
  };
  for (const file of files.filter((one) => one.endsWith('.cedar'))) {
    const name = FILE.exec(file)?.[1];
    if (name === undefined) {
      whole(file, 'name the file in small letters, figures and -, as only-approved-vendors.cedar');
      continue;
    }
    const { size } = await stat(join(folder, file));
    if (size > LONGEST_TEXT) {
      whole(file, `has ${size} bytes; a policy has at most ${LONGEST_TEXT}`);
      continue;
    }
    const read = readPolicy(name, await readFile(join(folder, file), 'utf8'));
    if ('problems' in read) {
      problems.push(
        ...read.problems.map(({ message, line, column }) => ({
          file,
          line: line ?? 1,
          column: column ?? 1,
          message,
        })),
      );
      continue;
    }
    const beside = `${name}.examples.yaml`;
    const examples = files.includes(beside) ? await readExamples(folder, beside, whole) : [];
    policies.push({ name, title: read.policy.title, text: read.policy.text, examples });
  }
  for (const file of files) {
    const name = /^(.*)\.examples\.ya?ml$/.exec(file)?.[1];
    if (name !== undefined && !files.includes(`${name}.cedar`))
      whole(file, `there is no ${name}.cedar beside it`);
  }
  return { policies, problems };

  async function readExamples(
    from: string,
    file: string,
    say: (file: string, message: string) => void,
  ): Promise<Example[]> {
    const { size } = await stat(join(from, file));
    if (size > LARGEST_EXAMPLES) {
      say(file, `has ${size} bytes; examples have at most ${LARGEST_EXAMPLES}`);
      return [];
    }
    const parsed = parseExamples(file, await readFile(join(from, file), 'utf8'));
    if ('problems' in parsed) problems.push(...parsed.problems);
    return 'examples' in parsed ? parsed.examples : [];
  }
}

/** Reads examples from YAML. `file` names it in problems. */
function parseExamples(
  file: string,
  text: string,
): { examples: Example[] } | { problems: PolicyFileProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
  });
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return { file, line, column: col, message: error.message };
      }),
    };
  }
  const listed = z
    .array(z.unknown())
    .max(MOST_EXAMPLES)
    .safeParse(document.toJS({ maxAliasCount: 0 }));
  const examples: Example[] = [];
  const issues: { path: PropertyKey[]; message: string }[] = [...(listed.error?.issues ?? [])];
  for (const [index, item] of (listed.data ?? []).entries()) {
    const read = formOf(item).safeParse(item);
    if (read.success) examples.push(read.data);
    else issues.push(...read.error.issues.map((one) => ({ ...one, path: [index, ...one.path] })));
  }
  if (issues.length === 0) return { examples };
  return {
    problems: issues.map(({ path, message }) => {
      const { line, col } = lines.linePos(startOf(document.getIn(path, true)));
      return {
        file,
        line,
        column: col,
        message: path.length === 0 ? message : `${path.join('.')}: ${message}`,
      };
    }),
  };
}

/** Where a node of YAML begins; at the start where there is none. */
function startOf(node: unknown): number {
  if (typeof node !== 'object' || node === null || !('range' in node)) return 0;
  return Array.isArray(node.range) && typeof node.range[0] === 'number' ? node.range[0] : 0;
}
