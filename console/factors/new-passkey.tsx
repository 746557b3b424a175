import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { makePasskey, passkeyAbility } from '../api/passkey.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { deviceName } from './device.ts';
import { factorTrouble } from './trouble.ts';

const words = m.factors.passkey;

/** Says why there can be no passkey here; nothing where there can. */
export function PasskeyHindrance() {
  const ability = passkeyAbility();
  if (ability === 'able') return null;
  const byName = `${location.protocol}//localhost${location.port === '' ? '' : `:${location.port}`}`;
  return <Note>{ability === 'address' ? words.address(byName) : words.browser}</Note>;
}

/** Makes a passkey on this device and hands its public half in. */
export function NewPasskey({ onMade, onCancel }: { onMade: () => Promise<void>; onCancel?: () => void }) {
  const [name, setName] = useState(() => deviceName(navigator.userAgent, navigator.maxTouchPoints));
  const make = useMutation({
    mutationFn: async () => {
      const { options } = await write<{ options: PublicKeyCredentialCreationOptionsJSON }>(
        'POST',
        '/me/passkeys/options',
        { body: {} },
      );
      const response = await makePasskey(options);
      await write('POST', '/me/passkeys', { body: { name: name.trim(), response } });
    },
    onSuccess: onMade,
  });
  const trouble = factorTrouble(make.error);
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <p>{words.what}</p>
      <p className="text-soft">{words.other}</p>
      <TextField
        label={words.name}
        hint={words.nameHint}
        required
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      {trouble ? (
        <p role="alert" className="text-alert">
          {trouble}
        </p>
      ) : make.error ? (
        <Trouble error={make.error} />
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" weight="main" disabled={make.isPending}>
          {make.isPending ? words.waiting : words.make}
        </Button>
        {onCancel === undefined ? null : <Button onClick={onCancel}>{m.common.cancel}</Button>}
      </div>
    </form>
  );
}
