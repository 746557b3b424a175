import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { queries } from '../api/queries.ts';

/** What a vendor is called of which something is publicly known; the id of others. */
export function useVendorNames(): (vendor: string) => string {
  const known = useQuery(queries.knownVendors()).data;
  const names = useMemo(() => new Map(known?.map(({ id, name }) => [id, name])), [known]);
  return useCallback((vendor) => names.get(vendor) ?? vendor, [names]);
}
