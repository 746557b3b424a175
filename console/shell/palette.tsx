import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Sheet } from '../design/sheet.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { useZone } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { usePlaces } from './places.ts';
import { useSignOut } from './sign-out.ts';
import { setTheme, themes, useTheme } from './theme.ts';

interface Entry {
  id: string;
  name: string;
  kind: string;
  run: () => void;
  /** It can fail: the palette stays open, to say so. */
  stays?: boolean;
}

/** Every word typed must begin a word of the entry. */
function fits(entry: Entry, typed: string): boolean {
  const words = `${entry.name} ${entry.kind}`.toLowerCase().split(/[\s.:/-]+/);
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((part) => words.some((word) => word.startsWith(part)));
}

function useEntries(onKeys: () => void, onSignOut: () => void): Entry[] {
  const navigate = useNavigate();
  const theme = useTheme();
  const zone = useZone();
  const vendors = useQuery(queries.vendors());
  const connections = useQuery(queries.connections());
  const places = usePlaces();
  const may = {
    connect: useMay('connection.create'),
    app: useMay('app.write'),
    key: useMay('key.write', 'own'),
    people: useMay('person.read'),
    invite: useMay('person.invite'),
    settings: useMay('setting.read'),
    rotation: useMay('rotation.read'),
    accounts: useMay('account.read'),
  };
  const go = (to: string): void => void navigate({ href: to });
  return [
    ...places.map((place) => ({
      id: place.to,
      name: place.name,
      kind: m.palette.page,
      run: () => go(place.to),
    })),
    {
      id: 'configuration',
      name: m.configuration.tab,
      kind: m.palette.page,
      run: () => go('/settings/configuration'),
    },
    { id: 'profile', name: m.rail.profile, kind: m.palette.page, run: () => go('/profile') },
    ...[
      { id: 'my-keys', name: m.rail.myKeys, kind: m.palette.page, to: '/my-keys', may: may.key },
      { id: 'issuers', name: m.rail.issuers, kind: m.palette.page, to: '/issuers', may: may.settings },
      { id: 'rotation', name: m.palette.rotation, kind: m.palette.page, to: '/rotation', may: may.rotation },
      {
        id: 'consoles',
        name: m.palette.consoles,
        kind: m.palette.page,
        to: '/vendors/consoles',
        may: may.accounts,
      },
      { id: 'roles', name: m.roles.tab, kind: m.palette.page, to: '/roles', may: may.people },
      { id: 'connect', name: m.rail.connect, kind: m.palette.act, to: '/connect', may: may.connect },
      { id: 'new-app', name: m.apps.newApp, kind: m.palette.act, to: '/apps?new=app', may: may.app },
      { id: 'new-key', name: m.apps.newKey, kind: m.palette.act, to: '/apps?new=key', may: may.key },
      { id: 'invite', name: m.people.invite, kind: m.palette.act, to: '/people?act=invite', may: may.invite },
    ]
      .filter((entry) => entry.may)
      .map(({ to, may: _permitted, ...entry }) => ({ ...entry, run: () => go(to) })),
    {
      id: 'refused',
      name: m.palette.refused,
      kind: m.palette.page,
      run: () => go('/crossings?decision=refused'),
    },
    ...(vendors.data ?? []).map((row) => ({
      id: `vendor ${row.vendor}`,
      name: row.name,
      kind: m.palette.vendor,
      run: () => go(`/vendors/${encodeURIComponent(row.vendor)}`),
    })),
    ...(connections.data ?? []).map((row) => ({
      id: `connection ${row.id}`,
      name: row.name,
      kind: m.palette.connection,
      run: () => go(`/connections/${encodeURIComponent(row.id)}`),
    })),
    ...themes
      .filter((choice) => choice !== theme)
      .map((choice) => ({
        id: `theme ${choice}`,
        name: m.settings.themes[choice],
        kind: m.palette.act,
        run: () => setTheme(choice),
      })),
    {
      id: 'zone',
      name: zone === 'utc' ? m.settings.showLocal : m.settings.showUtc,
      kind: m.palette.act,
      run: () =>
        void navigate({
          to: '.',
          search: (previous) => ({ ...previous, tz: zone === 'utc' ? 'local' : undefined }),
          resetScroll: false,
        }),
    },
    { id: 'keys', name: m.rail.keys, kind: m.palette.act, run: onKeys },
    {
      id: 'sign-out',
      name: m.settings.signOut,
      kind: m.palette.act,
      run: onSignOut,
      stays: true,
    },
  ];
}

/** Reaches every page and act by typing. */
export function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const id = useId();
  const signOut = useSignOut();
  const entries = useEntries(onKeys, () => signOut.mutate(undefined, { onSuccess: onClose }));
  const found = typed.trim() === '' ? entries : entries.filter((entry) => fits(entry, typed.trim()));
  const active = Math.min(chosen, found.length - 1);

  function run(entry: Entry | undefined): void {
    if (entry === undefined) return;
    if (entry.stays !== true) onClose();
    entry.run();
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const next = (active + step + found.length) % Math.max(1, found.length);
      setChosen(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(found[active]);
    }
  }

  return (
    <Sheet open onClose={onClose} title={m.palette.title} bare>
      <input
        type="text"
        role="combobox"
        aria-label={m.palette.title}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={m.palette.placeholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
        className="sticky top-0 w-full border-b border-line bg-panel px-4 py-3 text-head outline-none placeholder:text-soft"
      />
      {signOut.error ? (
        <div className="flex flex-col gap-2 p-4">
          <Note urgent>{m.settings.stillSignedIn}</Note>
          <Trouble error={signOut.error} />
        </div>
      ) : null}
      <div role="listbox" id={`${id}-list`} aria-label={m.palette.title} className="py-1">
        {found.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard acts through the combobox above
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the combobox, as the pattern asks
          <div
            key={entry.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            onClick={() => run(entry)}
            onPointerMove={() => setChosen(index)}
            className="flex cursor-pointer items-baseline justify-between gap-4 px-4 py-1.5 aria-selected:bg-act-wash"
          >
            <span className="truncate">{entry.name}</span>
            <span className="text-small text-soft">{entry.kind}</span>
          </div>
        ))}
      </div>
      {found.length === 0 ? <p className="px-4 pb-4 text-soft">{m.palette.nothing}</p> : null}
    </Sheet>
  );
}
