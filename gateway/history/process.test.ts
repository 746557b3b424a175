import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { serviceOf } from '../minimise/testing/cross.ts';
import { closeAll, closing, controlPlane, setUp, startProcess } from '../testing/process.ts';
import { bearer, send } from '../testing/send.ts';
import { startKeepingVendor } from './testing/vendor.ts';

/** Kept histories of a gateway whose workers are processes of their own, and which ends without a word. */

afterEach(closeAll);
vi.setConfig({ testTimeout: 90_000 });

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause;
  }
}

/** Ids of the processes that a process began, as Linux tells them. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ESRCH') return false;
    throw cause;
  }
}

test('a chain of responses over two workers survives kill -9 of all of them', async () => {
  const { made, env } = await setUp();
  const vendor = await startKeepingVendor();
  closing.push(() => vendor.close());
  const service = serviceOf('openai');
  const upstream = { scheme: 'http' as const, host: '127.0.0.1', port: vendor.port, private: true };
  await made.connect({ slug: 'openai', service, upstream, contract: service.contracts.recommended });
  const key = made.issue({ connections: ['openai'] });
  const control = await controlPlane();
  control.publish(await made.snapshot());
  const settings = { ...env, DRAWBRIDGE_GATEWAY_WORKERS: '2' };
  const gateway = await startProcess({ ...settings, DRAWBRIDGE_CONTROL_URL: control.url });
  const applied = (log: string): number => log.split('"event":"snapshot_applied"').length - 1;
  await expect.poll(() => applied(gateway.log()), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);

  const ask = async (port: number, input: string, previous?: string) => {
    const body = JSON.stringify({ model: 'made-up-1', input, previous_response_id: previous });
    const { status, body: answer } = await send(port, '/openai/v1/responses', { headers: bearer(key), body });
    expect([status, answer.slice(0, 300)]).toEqual([200, expect.anything()]);
    const { id, output } = JSON.parse(answer);
    return { id: String(id), text: String(output[0].content[0].text) };
  };
  const people = Array.from({ length: 6 }, () => `made-up-${randomBytes(4).toString('hex')}@example.com`);
  let last: { id: string; text: string } | undefined;
  for (const who of people) last = await ask(gateway.port, `I am ${who}.`, last?.id);
  expect(last?.text).toBe(people.map((who) => `I am ${who}.`).join(' | '));

  const workers = await childrenOf(gateway.child.pid ?? 0);
  expect(workers).toHaveLength(2);
  gateway.child.kill('SIGKILL');
  for (const worker of workers) killIfThere(worker);
  // The journals are theirs until they are gone.
  await expect.poll(() => workers.filter(isThere)).toEqual([]);
  await gateway.exited;
  await control.close();
  const again = await startProcess(settings);
  await expect.poll(() => applied(again.log()), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
  const after = await ask(again.port, 'Who?', last?.id);
  expect(after.text).toBe([...people.map((who) => `I am ${who}.`), 'Who?'].join(' | '));
  for (const who of people) expect(vendor.got()).not.toContain(who);
  expect(await readdir(join(env.DRAWBRIDGE_GATEWAY_DIR ?? '', 'history'))).not.toEqual([]);
  expect(gateway.log() + again.log()).not.toMatch(/made-up-[0-9a-f]{8}@|resp_/);
});
