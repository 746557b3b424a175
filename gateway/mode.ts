import type { Lift } from '@drawbridge/minimise';
import type { Connection, CrossingMode } from '@drawbridge/protocol';

/** How a crossing is taken where contract and policies are not enforced. */
export interface Lifted {
  mode: Exclude<CrossingMode, 'enforce'>;
  /** With `break_glass`: which one. */
  breakGlass: string | null;
  lift: Lift;
}

/** What the snapshot says of a connection's mode, worked out once. */
export interface Modes {
  /** Null: contract and policies are enforced. */
  standing: Lifted | null;
  /** `until`: milliseconds since 1970, by the gateway's clock. */
  breakGlass: { until: number; lifted: Lifted } | null;
}

/** Secrets, and what is severed, are treated and refused as the contract says in every mode. */
function liftsFor(severed: readonly string[]): { refusals: Lift; all: Lift } {
  const cut = new Set(severed);
  const holds = (fieldClass: string): boolean => fieldClass.startsWith('secret.') || cut.has(fieldClass);
  return { refusals: { what: 'refusals', holds }, all: { what: 'all', holds } };
}
const usual = liftsFor([]);

export function modesOf({
  mode,
  break_glass,
  severed_classes,
}: Pick<Connection, 'mode' | 'break_glass' | 'severed_classes'>): Modes {
  const { refusals, all } = severed_classes === undefined ? usual : liftsFor(severed_classes);
  return {
    standing:
      mode === undefined || mode === 'enforce'
        ? null
        : { mode, breakGlass: null, lift: mode === 'minimise' ? refusals : all },
    breakGlass:
      break_glass === undefined
        ? null
        : {
            until: break_glass.until,
            lifted: { mode: 'break_glass', breakGlass: break_glass.id, lift: all },
          },
  };
}

/** The mode at a time; null: contract and policies are enforced. A break-glass ends here by itself, whatever the snapshot. */
export function liftedAt({ standing, breakGlass }: Modes, now: number): Lifted | null {
  return breakGlass !== null && now < breakGlass.until ? breakGlass.lifted : standing;
}
