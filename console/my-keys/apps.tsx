import type { App, VirtualKey } from '../api/types.ts';
import { keyState } from '../apps/columns.tsx';
import { TextLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

const words = m.myKeys;

/** The apps that one answers for: the way to their keys, how many work, and when one was last used. */
export function OwnApps({
  apps,
  keys,
  email,
}: {
  apps: readonly App[];
  keys: readonly VirtualKey[];
  email: string | null;
}) {
  const now = Date.now();
  return (
    <Section title={words.apps} lead={words.appsLead}>
      {apps.length === 0 ? (
        <p className="max-w-[72ch] text-soft">
          {words.none}. {words.noneText(email ?? m.common.unknown)}
        </p>
      ) : (
        <ul className="border-t border-line">
          {apps.map((app) => {
            const held = keys.filter((key) => key.app.id === app.id);
            const last = held
              .map((key) => key.lastUsedAt ?? '')
              .sort()
              .at(-1);
            return (
              <li
                key={app.id}
                className="grid gap-x-6 border-b border-line py-2 sm:grid-cols-[minmax(0,1fr)_160px_160px]"
              >
                <TextLink to="/apps/$app" params={{ app: app.id }}>
                  <span className="font-strong">{app.name}</span>
                </TextLink>
                <span>{words.keysOf(held.filter((key) => keyState(key, now) === 'active').length)}</span>
                <span className="text-soft sm:text-right">
                  {words.lastUsed} <Ago at={last === '' ? null : last} />
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}
