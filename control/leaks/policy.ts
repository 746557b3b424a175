import {
  type By,
  type Platform,
  readSetting,
  type Setting,
  type Tx,
  writeSetting,
} from '../platform/index.ts';
import { type LeakPolicy, LeakPolicySchema } from './schemas.ts';

/** Who shows the hash of a whole key has the key: others may have it too, so it is revoked unless somebody chose otherwise. */
const leakPolicy: Setting<LeakPolicy> = {
  key: 'leaks',
  schema: LeakPolicySchema,
  initial: { virtualKeys: 'revoke' },
};

export const readLeakPolicy = (db: Platform['db'] | Tx): Promise<LeakPolicy> => readSetting(db, leakPolicy);

export async function writeLeakPolicy(platform: Platform, given: LeakPolicy, by: By): Promise<LeakPolicy> {
  await platform.db
    .transaction()
    .execute((tx) => writeSetting(tx, platform, leakPolicy, given, { ...by, detail: given }));
  return readLeakPolicy(platform.db);
}
