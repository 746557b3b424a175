import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Candidate } from '../api/discovery-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { FormActs } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note } from '../design/state.tsx';
import { discover } from '../messages/pages/discover.ts';
import type { Decide } from './decider.ts';

const words = discover.link;

/** An id as vendors have them, of a name or domain. */
function idOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/\.[a-z]{2,}$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return plain.slice(0, 61);
}

/** Says whose a candidate is: a vendor that is known, or a new one. */
export function LinkSheet({
  candidate,
  onDecide,
  onClose,
}: {
  candidate: Candidate;
  onDecide: Decide;
  onClose: () => void;
}) {
  const known = useQuery(queries.knownVendors()).data;
  const { perhaps } = candidate;
  const first = perhaps?.name ?? candidate.name;
  const [vendor, setVendor] = useState(candidate.vendor ?? perhaps?.vendor ?? idOf(first));
  const [name, setName] = useState(first);
  const isKnown = known?.some(({ id }) => id === vendor) ?? false;

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    const decision = { candidate: candidate.key, act: 'confirm' as const, vendor };
    onDecide(isKnown ? decision : { ...decision, name: name.trim() });
    onClose();
  }

  return (
    <Sheet open onClose={onClose} title={words.title(candidate.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {perhaps === null ? null : (
          <Note>
            <p>{words.perhaps(perhaps.name)}</p>
            <p className="break-words text-soft">{perhaps.said}</p>
          </Note>
        )}
        <TextField
          label={words.vendor}
          hint={words.vendorHint}
          required
          pattern="[a-z0-9][a-z0-9\-]{0,60}"
          list="known-vendors"
          value={vendor}
          onChange={(event) => setVendor(event.target.value)}
        />
        <datalist id="known-vendors">
          {known?.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </datalist>
        {isKnown ? null : (
          <TextField
            label={words.name}
            hint={words.nameHint}
            required
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
        <FormActs error={null} disabled={false} onCancel={onClose}>
          {words.submit}
        </FormActs>
        {/^(domain|web):/.test(candidate.key) ? (
          <Button
            onClick={() => {
              onDecide({ candidate: candidate.key, act: 'split' });
              onClose();
            }}
          >
            {words.split}
          </Button>
        ) : null}
      </form>
    </Sheet>
  );
}
