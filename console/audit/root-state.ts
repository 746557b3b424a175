import type { LogRow } from '../api/audit-types.ts';

/** All that is wrong with a log, and with the logs that it should take in. */
export function troublesOf(log: Pick<LogRow, 'origin' | 'trouble' | 'root'>): { id: string; text: string }[] {
  const own = log.trouble === null ? [] : [{ id: log.origin, text: log.trouble.text }];
  const others = (log.root?.logs ?? []).flatMap(({ origin, trouble }) =>
    trouble === null ? [] : [{ id: `${log.origin} ${origin}`, text: trouble.text }],
  );
  return [...own, ...others];
}
