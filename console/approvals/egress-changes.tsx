import type { ReactNode } from 'react';
import { Facts } from '../design/page.tsx';
import { egressRules } from '../messages/pages/egress-rules.ts';

const names: Readonly<Record<string, string>> = { apps: egressRules.apps, ...egressRules.names };

/** What looser rules of the egress proxy would be: list by list what comes and what goes, all of it. */
export function EgressChanges({ what }: { what: Record<string, unknown> }) {
  const { mode, was, sni, ...lists } = what;
  const facts: (readonly [string, ReactNode])[] = [];
  if (mode !== was) facts.push([egressRules.mode, `${String(was)} → ${String(mode)}`]);
  if (isMove(sni) && sni.from !== sni.to)
    facts.push([egressRules.sni, sni.to === true ? egressRules.sniOn : egressRules.sniOff]);
  for (const [list, moved] of Object.entries(lists)) {
    if (!isDifference(moved)) continue;
    facts.push([
      names[list] ?? list,
      <ul key={list} className="font-mono text-small break-all">
        {moved.added.map((one) => (
          <li key={`+${one}`}>+ {String(one)}</li>
        ))}
        {moved.gone.map((one) => (
          <li key={`-${one}`}>− {String(one)}</li>
        ))}
      </ul>,
    ]);
  }
  return <Facts facts={facts} />;
}

const isObject = (given: unknown): given is Record<string, unknown> =>
  typeof given === 'object' && given !== null;
const isMove = (given: unknown): given is { from: unknown; to: unknown } =>
  isObject(given) && 'from' in given && 'to' in given;
const isDifference = (given: unknown): given is { added: unknown[]; gone: unknown[] } =>
  isObject(given) && Array.isArray(given.added) && Array.isArray(given.gone);
