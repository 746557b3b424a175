import type { Clock, IncidentClocks } from '../../api/clock-types.ts';
import { clockWords as words } from '../../messages/pages/incident-parts.ts';
import { type Entered, type EntryCall, type EntryField, EntrySheet } from '../entry.tsx';
import { toIso } from '../moment.ts';

export type ClockSheetKind = 'time' | 'answer' | 'submission' | 'not_required' | 'late';

/** Enters what starts or ends a clock. */
export function ClockSheet({
  incident,
  clocks,
  kind,
  clock,
  onClose,
}: {
  incident: string;
  clocks: IncidentClocks;
  kind: ClockSheetKind;
  clock?: Clock;
  onClose: () => void;
}) {
  const base = `/incidents/${encodeURIComponent(incident)}/clocks`;
  const { title, fields, call } = kindOf(kind, clocks, base, clock);
  return (
    <EntrySheet
      title={title}
      draftName={`incident.${incident}.clock.${kind}.${clock?.rule ?? ''}`}
      fields={fields}
      initial={Object.fromEntries(
        fields.flatMap(({ name, options }) => (options === undefined ? [] : [[name, options[0]?.[0] ?? '']])),
      )}
      withReason
      call={call}
      onClose={onClose}
    />
  );
}

function kindOf(
  kind: ClockSheetKind,
  { result }: IncidentClocks,
  base: string,
  clock: Clock | undefined,
): { title: string; fields: EntryField[]; call: (entered: Entered) => EntryCall } {
  const ofRule = `${base}/${encodeURIComponent(clock?.rule ?? '')}`;
  const why: EntryField = { name: 'because', label: words.because, kind: 'long', required: true };
  switch (kind) {
    case 'time':
      return {
        title: words.enterTime,
        fields: [
          { name: 'time', label: words.time, options: result.times.map(({ id, text }) => [id, text]) },
          { name: 'at', label: words.timeAt, kind: 'moment', required: true, error: 'times' },
        ],
        call: ({ time = '', at = '' }) => ({
          method: 'PATCH',
          path: base,
          body: { times: { [time]: toIso(at) ?? null } },
        }),
      };
    case 'answer':
      return {
        title: words.answer,
        fields: [
          {
            name: 'question',
            label: words.answerTo,
            options: result.questions.map(({ id, text }) => [id, text]),
          },
          {
            name: 'answer',
            label: words.answerChoice,
            options: [...new Set(result.questions.flatMap(({ choices }) => choices))].map((one) => [
              one,
              one.replaceAll('_', ' '),
            ]),
            error: 'answers',
          },
        ],
        call: ({ question = '', answer = '' }) => ({
          method: 'PATCH',
          path: base,
          body: { answers: { [question]: answer } },
        }),
      };
    case 'submission':
      return {
        title: words.submitTitle,
        fields: [
          { name: 'at', label: words.at, kind: 'moment', required: true },
          { name: 'what', label: words.what, required: true },
          { name: 'receipt', label: words.receipt },
        ],
        call: ({ at = '', what = '', receipt = '' }) => ({
          path: `${ofRule}/submissions`,
          body: {
            at: toIso(at),
            what: what.trim(),
            ...(receipt.trim() === '' ? {} : { receipt: receipt.trim() }),
          },
        }),
      };
    case 'not_required':
      return {
        title: words.notRequiredTitle,
        fields: [why],
        call: ({ because = '' }) => ({ path: `${ofRule}/not-required`, body: { because: because.trim() } }),
      };
    case 'late':
      return {
        title: words.lateTitle,
        fields: [why],
        call: ({ because = '' }) => ({ path: `${ofRule}/late`, body: { because: because.trim() } }),
      };
  }
}
