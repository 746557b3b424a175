import { useNavigate, useSearch } from '@tanstack/react-router';

/** What a sheet of the page is opened by, and closed. */
export function useActs() {
  const { act, of } = useSearch({ from: '/signed-in/vendors/$vendor' });
  const navigate = useNavigate({ from: '/vendors/$vendor' });
  const show = (next: string | undefined, what?: string): void =>
    void navigate({
      search: (previous) => ({ ...previous, act: next, of: what }),
      replace: true,
      resetScroll: false,
    });
  return { act, of, show, close: () => show(undefined) };
}
