import { candidateKey, type Named } from './candidates.ts';
import type { Ground } from './identify.ts';
import type { DecisionAct } from './tables.ts';

export interface Decided {
  act: DecisionAct;
  vendor: string | null;
  vendorName: string | null;
}

/** Whose a sighting is, after what people decided. */
export interface Placed {
  /** What it belongs to; null: it says nothing of a vendor. */
  candidate: string | null;
  vendor: string | null;
  vendorName: string | null;
  ground: Ground | null;
  sure: boolean;
  service: string | null;
  region: string | null;
}

/** What people decided goes before what is known: of the candidate, or, where it was split, of the host. */
export function placed(sighting: Named, decided: ReadonlyMap<string, Decided>): Placed {
  const { trace, match } = sighting;
  const whole = candidateKey(sighting);
  const isSplit = whole !== null && decided.get(whole)?.act === 'split' && isHost(trace.kind);
  const candidate = isSplit ? `host:${trace.value}` : whole;
  const decision = candidate === null ? undefined : decided.get(candidate);
  const service = match?.service ?? null;
  const region = match?.region ?? null;
  if (decision?.act === 'confirm') {
    const { vendor, vendorName } = decision;
    return { candidate, vendor, vendorName, ground: 'decision', sure: true, service, region };
  }
  if (decision?.act === 'reject' || isSplit) {
    return { candidate, vendor: null, vendorName: null, ground: 'decision', sure: false, service, region };
  }
  // What was taken in from others is told where a sighting is shown, and stored as nobody's.
  if (match?.by === 'imported') {
    return { candidate, vendor: null, vendorName: null, ground: 'imported', sure: false, service, region };
  }
  return {
    candidate,
    vendor: match?.vendor ?? null,
    vendorName: match?.name ?? null,
    ground: match?.by ?? null,
    sure: match?.sure ?? false,
    service,
    region,
  };
}

const isHost = (kind: string): boolean => kind === 'host' || kind === 'sender' || kind === 'dns';
