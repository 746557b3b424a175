import type { Difference } from './differences.ts';
import type { Part } from './parts.ts';

/** What differs of the egress proxy. */
export function ofEgress(before: Part | undefined, after: Part | undefined): Difference[] {
  if (after?.kind !== 'egress') return [say('off', 'The egress proxy serves no app any more.')];
  if (before?.kind !== 'egress') return [say('on', `The egress proxy serves apps: mode ${after.mode}.`)];
  return [
    ...(before.mode === after.mode
      ? []
      : [say('mode', `The egress proxy is in mode ${after.mode}; it was ${before.mode}.`)]),
    ...(before.apps.join() === after.apps.join()
      ? []
      : [say('apps', `${after.apps.length} apps may use the egress proxy; it was ${before.apps.length}.`)]),
    ...(before.rules === after.rules ? [] : [say('rules', 'The lists of the egress proxy are others.')]),
  ];
}

const say = (code: string, text: string): Difference => ({
  code: `egress.${code}`,
  subject: { kind: 'names', id: 'egress' },
  text,
});
