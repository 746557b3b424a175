import { DropdownMenu } from 'radix-ui';
import type { VirtualKey } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { m } from '../messages/en.ts';
import { Bind } from './bind.tsx';
import { Bounds } from './bounds.tsx';
import { Caps } from './caps.tsx';
import { Revoke } from './revoke.tsx';
import { Roll } from './roll.tsx';

const words = m.apps;

const keyActs = ['bind', 'roll', 'bounds', 'caps', 'revoke'] as const;
export type KeyActName = (typeof keyActs)[number];

/** What can be done with a key, behind one button. */
export function KeyMenu({ virtualKey, onAct }: { virtualKey: VirtualKey; onAct: (act: KeyActName) => void }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button weight="quiet" slim aria-label={words.changeKey(virtualKey.id, virtualKey.app.name)}>
          {words.change}
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-20 rounded-md border border-line-strong bg-panel py-1 shadow-lg"
        >
          {keyActs
            .filter((act) => act !== 'roll' || virtualKey.replacedBy === null)
            .map((act) => (
              <DropdownMenu.Item
                key={act}
                onSelect={() => onAct(act)}
                className={`px-3 py-1 outline-none data-highlighted:bg-act-wash ${act === 'revoke' ? 'text-alert' : ''}`}
              >
                {words.acts[act]}
              </DropdownMenu.Item>
            ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The sheet of the act that the address names, for the key that it names. */
export function KeyAct({
  act,
  virtualKey,
  onClose,
}: {
  act: string | undefined;
  virtualKey: VirtualKey | undefined;
  onClose: () => void;
}) {
  if (virtualKey === undefined) return null;
  const given = { virtualKey, onClose };
  if (act === 'bind') return <Bind key={virtualKey.id} {...given} />;
  if (act === 'roll') return <Roll key={virtualKey.id} {...given} />;
  if (act === 'bounds') return <Bounds key={virtualKey.id} {...given} />;
  if (act === 'caps') return <Caps key={virtualKey.id} {...given} />;
  if (act === 'revoke') return <Revoke key={virtualKey.id} {...given} />;
  return null;
}
