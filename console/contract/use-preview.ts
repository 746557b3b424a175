import { JsonEditError } from '@drawbridge/jsonedit';
import type { ContractDocument } from '@drawbridge/protocol/contract';
import { useDeferredValue, useMemo } from 'react';
import type { ServiceDetail } from '../api/types.ts';
import { m } from '../messages/en.ts';
import { type Preview, previewOf } from './preview.ts';
import type { SampleChoice } from './preview-panel.tsx';
import { readSample, SampleError } from './sample.ts';

/** The preview of the chosen sample under these rules, or what is wrong with the sample. */
export function usePreview(
  service: ServiceDetail,
  rules: ContractDocument,
  sample: SampleChoice,
): { preview: Preview | null; error: string | undefined } {
  const pasted = useDeferredValue(sample.pasted);
  return useMemo(() => {
    if (sample.source === 'seen') return { preview: null, error: undefined };
    const made = sample.source === 'made';
    if (!made && pasted.trim() === '') return { preview: null, error: undefined };
    try {
      const endpoint = made ? service.sample.endpoint : sample.endpoint;
      return {
        preview: previewOf(service, endpoint, rules, readSample(made ? service.sample.body : pasted)),
        error: undefined,
      };
    } catch (error) {
      if (error instanceof SampleError || error instanceof JsonEditError) {
        return { preview: null, error: `${m.connect.preview.wrong} ${error.message}` };
      }
      throw error;
    }
  }, [service, rules, sample.source, sample.endpoint, pasted]);
}

/** How many values of each class the preview met, whatever became of them. */
export function classCounts(preview: Preview | null): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [name, , times] of preview?.tally ?? []) counts.set(name, (counts.get(name) ?? 0) + times);
  return counts;
}
