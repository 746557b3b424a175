import { useNavigate, useSearch } from '@tanstack/react-router';

/** The sheets of the chain; the same on the map and on a vendor's page. */
export type ChainAct =
  | 'chain-list'
  | 'chain-link'
  | 'chain-change'
  | 'chain-end'
  | 'chain-match'
  | 'chain-watch';

/** What sheet of the chain is open, of which link or row, kept in the address of whatever page it is on. */
export function useChainActs() {
  const { act, of } = useSearch({ strict: false }) as { act?: string; of?: string };
  const navigate = useNavigate();
  const show = (next: ChainAct | undefined, what?: string): void =>
    void navigate({
      to: '.',
      search: (previous: Record<string, unknown>) => ({ ...previous, act: next, of: what }),
      replace: true,
      resetScroll: false,
    });
  return { act, of, show, close: () => show(undefined) };
}
