import { z } from 'zod';
import {
  type By,
  type Platform,
  Problem,
  readSetting,
  type Setting,
  type Tx,
  writeSetting,
} from '../platform/index.ts';
import type { Approvals } from './approvals.ts';

/**
 * Whether a second person has to approve where credentials go (a change of host, a credential for a new host), and who
 * becomes somebody who may approve. The key is that of its first days.
 */
const secondPerson: Setting<boolean> = {
  key: 'connections.second_person',
  schema: z.boolean(),
  initial: false,
};

export const needsSecondPerson = (db: Platform['db'] | Tx): Promise<boolean> => readSetting(db, secondPerson);

export interface SecondPersonDeps {
  approvals: Approvals;
  platform: Platform;
  /** How many people may approve, the one who asks among them. */
  people: () => Promise<number>;
}

/**
 * Sets it, in the caller's transaction. To turn it off waits for a second person: else one alone could do that first.
 * Throws Problem 409 `nobody_to_approve` where it would lock everybody out.
 */
export async function setSecondPerson(
  tx: Tx,
  { approvals, platform, people }: SecondPersonDeps,
  value: boolean,
  by: By,
): Promise<void> {
  const before = await needsSecondPerson(tx);
  if (before === value) return;
  if (value && (await people()) < 2)
    throw new Problem(
      409,
      'nobody_to_approve',
      'There is nobody else yet who could approve. Invite a second person first.',
    );
  if (!value)
    await approvals.spend(
      tx,
      {
        act: 'setting.write',
        subject: { kind: 'setting', id: secondPerson.key },
        what: { from: before, to: value },
      },
      by,
    );
  await writeSetting(tx, platform, secondPerson, value, { ...by, detail: { from: before, to: value } });
}
