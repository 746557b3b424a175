import {
  addSignatures,
  cosigner,
  encodeBundle,
  generateKey,
  keyTypes,
  leafHash,
  logSigner,
  signCheckpoint,
} from '@drawbridge/tlog';
import type { LogRow } from '../api/audit-types.ts';

/** A made-up root log of one entry, cosigned by one of its two made-up witnesses. */
export interface FakeRoot {
  /** As the list of logs has it: for tests to bend. */
  log: LogRow & { root: NonNullable<LogRow['root']> };
  files: Map<string, Buffer>;
}

const origin = 'dep-made-up.example/root';
const minute = 60_000;
const ago = (minutes: number): string => new Date(Date.now() - minutes * minute).toISOString();

export async function makeFakeRoot(quoted: {
  origin: string;
  size: number;
  note: Buffer;
}): Promise<FakeRoot> {
  const signer = logSigner(generateKey(origin, Buffer.alloc(32, 8)));
  const one = cosigner(generateKey('witness.partner.example/w1', Buffer.alloc(32, 11), keyTypes.cosignature));
  const two = cosigner(generateKey('auditor.example/drawbridge', Buffer.alloc(32, 12), keyTypes.cosignature));
  const root = leafHash(quoted.note);
  const note = await signCheckpoint({ origin, size: 1, root, extensions: [] }, [signer]);
  const time = Math.floor(Date.now() / 1000) - 20;
  const [text = ''] = note.split('\n\n');
  const signature = await one.cosign(`${text}\n`, time);
  const files = new Map([
    ['checkpoint', Buffer.from(addSignatures(note, [{ name: one.name, keyId: one.keyId, signature }]))],
    ['tile/0/000.p/1', root],
    ['tile/entries/000.p/1', encodeBundle([quoted.note])],
  ]);
  const witness = { url: 'https://witness.partner.example', private: false };
  return {
    files,
    log: {
      name: 'root',
      origin,
      verifierKey: signer.verifierKey,
      size: 1,
      waiting: 0,
      isCurrent: true,
      checkpoint: { size: 1, root: root.toString('base64'), signedAt: ago(1) },
      trouble: null,
      root: {
        required: 1,
        witnesses: [
          {
            ...witness,
            name: one.name,
            key: one.verifierKey,
            size: 1,
            cosignedAt: new Date(time * 1000).toISOString(),
            trouble: null,
          },
          {
            url: 'https://auditor.example/witness',
            private: false,
            name: two.name,
            key: two.verifierKey,
            size: 0,
            cosignedAt: null,
            trouble: {
              code: 'no_answer',
              text: 'The witness could not be reached: ECONNREFUSED.',
              since: ago(42),
            },
          },
        ],
        logs: [
          { origin: quoted.origin, index: 0, size: quoted.size, takenAt: ago(1), trouble: null },
          {
            origin: 'dep-made-up.example/gateway/node-1/1',
            index: null,
            size: 0,
            takenAt: null,
            trouble: null,
          },
        ],
      },
    },
  };
}
