import { runExamples } from '@drawbridge/control';
import { type PolicyFileProblem, readPolicyFolder, type Starter } from '@drawbridge/control/packs';
import { type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, type RunningNote, readRunningNote } from '../running.ts';

/** A folder of policies that can not be used. The message lists every problem, one per line, as `file:line:column message`. */
class PolicyFolderError extends Error {
  readonly code = 'policies_invalid';
  constructor(problems: readonly string[]) {
    super(`The policies can not be used:\n${problems.join('\n')}`);
    this.name = 'PolicyFolderError';
  }
}

interface Checked {
  policies: readonly Starter[];
  problems: PolicyFileProblem[];
}

/** What is wrong in a folder: texts, examples that can not be read, and examples that do not hold with all of them in force. */
async function checkFolder(folder: string): Promise<Checked> {
  const { policies, problems } = await readPolicyFolder(folder);
  const failing = runExamples(policies).filter(({ holds }) => !holds);
  return {
    policies,
    problems: [
      ...problems,
      ...failing.map(({ policy, example, says, must, by }) => ({
        file: `${policy}.examples.yaml`,
        line: 1,
        column: 1,
        message: `example ${example + 1}, “${says}”, must be ${must}, and ${by.length === 0 ? 'nothing denies it' : `${by.join(', ')} denies it`}`,
      })),
    ],
  };
}

const lineOf = ({ file, line, column, message }: PolicyFileProblem): string =>
  `${file}:${line}:${column} ${message}`;

/** `drawbridge policies check`: needs no deployment. Exit code 1 when something is wrong. */
export async function checkPoliciesCommand(folder: string, options: { json?: boolean }): Promise<void> {
  const { policies, problems } = await checkFolder(folder);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ policies: policies.map(({ name }) => name), problems })}\n`);
  } else if (problems.length === 0) {
    const examples = policies.reduce((sum, policy) => sum + policy.examples.length, 0);
    process.stdout.write(`${policies.length} policies, ${examples} examples, no problem.\n`);
  } else {
    process.stdout.write(`${problems.map(lineOf).join('\n')}\n`);
  }
  process.exitCode = problems.length === 0 ? 0 : 1;
}

interface Applied {
  saved: string[];
  activated: string[];
  unchanged: string[];
  deactivated: string[];
  others: string[];
}

async function running(flags: ConfigFlags): Promise<RunningNote> {
  const config = readConfig(process.env, flags);
  return readRunningNote(config.dataDir, config.keysDir);
}

/** `drawbridge policies apply`: all of a folder come into force together, or none. Throws PolicyFolderError. */
export async function applyPoliciesCommand(
  flags: ConfigFlags,
  folder: string,
  options: { reason: string; only?: boolean; json?: boolean },
): Promise<void> {
  const { policies, problems } = await checkFolder(folder);
  if (problems.length > 0) throw new PolicyFolderError(problems.map(lineOf));
  const applied = await callRunning<Applied>(await running(flags), 'PUT', '/policies', {
    policies: policies.map(({ name, text, examples }) => ({ name, text, examples })),
    only: options.only === true,
    reason: options.reason,
  });
  if (options.json) {
    process.stdout.write(`${JSON.stringify(applied)}\n`);
    return;
  }
  const left = applied.others.filter((name) => !applied.deactivated.includes(name));
  const lines = [
    ...applied.activated.map((name) => `in force     ${name}`),
    ...applied.unchanged.map((name) => `unchanged    ${name}`),
    ...applied.deactivated.map((name) => `out of force ${name}`),
    ...left.map((name) => `in force     ${name} (not in the folder; --only takes it out of force)`),
  ];
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/**
 * `drawbridge policies deactivate`: the way out that no policy can close, as the command of this machine is never forbidden
 * anything.
 */
export async function deactivatePoliciesCommand(
  flags: ConfigFlags,
  names: readonly string[],
  options: { reason: string; all?: boolean; json?: boolean },
): Promise<void> {
  const note = await running(flags);
  const { items } = await callRunning<{ items: { name: string; active: number | null }[] }>(
    note,
    'GET',
    '/policies',
  );
  const active = items.filter((policy) => policy.active !== null).map(({ name }) => name);
  const asked = options.all === true ? active : names;
  if (asked.length === 0 && options.all !== true) {
    throw new Error(
      `Name the policies to take out of force, or give --all. In force: ${active.join(', ') || 'none'}.`,
    );
  }
  for (const name of asked) {
    await callRunning(note, 'POST', `/policies/${encodeURIComponent(name)}/deactivate`, {
      reason: options.reason,
    });
  }
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ deactivated: asked })}\n`
      : asked.map((name) => `out of force ${name}\n`).join(''),
  );
}
