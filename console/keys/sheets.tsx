import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import { CanaryUses, Plant, Report, Retire } from './canary-sheets.tsx';
import { HeldChange } from './held-change.tsx';
import { Import } from './import.tsx';
import { Tighten } from './tighten.tsx';

/** The sheet of the act that the address names. */
export function KeySheet({
  act,
  id,
  days,
  onClose,
}: {
  act: string | undefined;
  id: string | undefined;
  days: '30' | '90';
  onClose: () => void;
}) {
  if (act === 'import') return <Import onClose={onClose} />;
  if (act === 'plant') return <Plant onClose={onClose} />;
  if (id === undefined) return null;
  if (act === 'tighten') return <TightenById id={id} days={days} onClose={onClose} />;
  if (act === 'held') return <HeldById id={id} onClose={onClose} />;
  return <CanaryAct act={act} id={id} onClose={onClose} />;
}

function TightenById({ id, days, onClose }: { id: string; days: '30' | '90'; onClose: () => void }) {
  const use = useQuery(queries.keyUse(days));
  const key = use.data?.items.find((one) => one.id === id);
  return key === undefined ? null : <Tighten key={id} use={key} days={days} onClose={onClose} />;
}

function HeldById({ id, onClose }: { id: string; onClose: () => void }) {
  const held = useQuery(queries.heldKeys({}));
  const key = held.data?.find((one) => one.id === id);
  return key === undefined ? null : <HeldChange key={id} held={key} onClose={onClose} />;
}

function CanaryAct({ act, id, onClose }: { act: string | undefined; id: string; onClose: () => void }) {
  const canaries = useQuery(queries.canaries());
  const canary = canaries.data?.find((one) => one.id === id);
  if (canary === undefined) return null;
  if (act === 'uses') return <CanaryUses canary={canary} onClose={onClose} />;
  if (act === 'report') return <Report canary={canary} onClose={onClose} />;
  if (act === 'retire') return <Retire canary={canary} onClose={onClose} />;
  return null;
}
