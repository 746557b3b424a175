import { useQuery } from '@tanstack/react-query';
import { write } from '../api/client.ts';
import type { IssuerCheck } from '../api/trust-types.ts';

/** What an issuer says of itself, asked when the page opens and when somebody asks again: it is another's machine. */
export function useIssuerCheck(id: string) {
  return useQuery({
    queryKey: ['/issuers/check', id],
    queryFn: () => write<IssuerCheck>('POST', `/issuers/${encodeURIComponent(id)}/check`, { body: {} }),
    staleTime: 5 * 60_000,
    retry: false,
  });
}
