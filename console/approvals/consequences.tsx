import { useQuery } from '@tanstack/react-query';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { Approval } from '../api/trust-types.ts';
import { m } from '../messages/en.ts';
import { askedOf } from './what.ts';

const words = m.approvals;

/** What approving does, to how many; and to whoever decides, how to be sure who asked. */
export function Consequences({ approval, isMine }: { approval: Approval; isMine: boolean }) {
  const asked = askedOf(approval);
  const { kind } = asked;
  const users = useUsers(approval.subject.id);
  const lines = [
    ...(kind === 'move' ? [words.moveCredential] : []),
    ...(kind === 'move' && users !== null ? [users] : []),
    ...(kind === 'credential' ? [words.credentialSent] : []),
    ...(kind === 'setting' ? [words.settingMeans] : []),
    ...(asked.kind === 'admin' ? [words.adminMeans, ...(asked.isOwnPack ? [words.adminOwnPack] : [])] : []),
    ...(asked.kind === 'person' ? [words.personMeans[asked.act]] : []),
    ...(kind === 'issuer' ? [words.issuerMeans] : []),
    words.onlyThis(approval.askedBy.name),
    ...(isMine ? [] : [words.judge(approval.askedBy.name)]),
  ];
  return (
    <div>
      <h4 className="mb-1 font-strong">{words.means}</h4>
      <ul className="flex max-w-[72ch] list-disc flex-col gap-1 pl-4">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

/** Whose requests would go elsewhere; null where that can't be seen. */
function useUsers(connection: string): string | null {
  const keys = useQuery({ ...queries.keys(), enabled: useMay('app.read') });
  const now = Date.now();
  const using = keys.data?.filter(
    (key) =>
      key.connections.includes(connection) &&
      key.revokedAt === null &&
      (key.expiresAt === null || Date.parse(key.expiresAt) > now),
  );
  if (using === undefined) return null;
  if (using.length === 0) return words.moveNoKeys;
  return words.moveKeys(using.length, new Set(using.map(({ app }) => app.id)).size);
}
