import type { ContractDocument } from '@drawbridge/protocol/contract';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { write } from '../api/client.ts';
import type { ServiceDetail } from '../api/types.ts';
import type { WorkbenchRun, WorkbenchSample } from '../api/workbench-types.ts';
import type { Tried } from './samples.ts';

/** Milliseconds without a change before a sample is tried. */
const QUIET_MS = 350;

/** The value once it has stayed the same for a while. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), QUIET_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** What the API takes. Methods and paths are the pack's; parameters in paths are made up. */
export function sampleOf(service: ServiceDetail, { kind, endpoint: id, text }: Tried): WorkbenchSample {
  const endpoint = service.endpoints.find((one) => one.id === id);
  if (kind === 'text' || endpoint === undefined) return { text };
  return {
    method: endpoint.methods.find((one) => one !== 'GET') ?? 'POST',
    target: endpoint.path.replaceAll(/\{[a-z0-9_]+\}/g, 'example'),
    headers: { 'content-type': 'application/json' },
    body: text,
  };
}

/**
 * What becomes of a sample; the answer before it stays until there is a new one. A call that is overtaken is aborted.
 * `rules`: null, the contract in force. Nothing of it is kept once the page is left.
 */
export function useRun(
  connection: string,
  version: number,
  sample: WorkbenchSample,
  rules: ContractDocument | null,
  enabled: boolean,
) {
  return useQuery({
    queryKey: ['workbench', connection, rules === null ? version : 'draft', sample, rules],
    queryFn: ({ signal }) =>
      write<WorkbenchRun>('POST', `/connections/${encodeURIComponent(connection)}/workbench`, {
        body: { sample, ...(rules === null ? {} : { rules }) },
        signal,
      }),
    enabled,
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
}
