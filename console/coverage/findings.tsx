import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { write } from '../api/client.ts';
import type { Coverage, CoverageEvidence, CoverageFinding } from '../api/coverage-types.ts';
import { Button, NumberLink } from '../design/button.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { day as dayName } from '../design/format.ts';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { coverage as words } from '../messages/pages/coverage.ts';
import { useDraft } from '../shell/draft.ts';
import { Permitted } from '../shell/permitted.tsx';

const { findings: texts } = words;
const cell = 'border-b border-line px-3 py-2 align-top';
const DAYS_SHOWN = 4;

/** What does not fit, the strongest first; what somebody gave a reason for is folded away. */
export function Findings({
  coverage,
  onSettle,
  onReopen,
}: {
  coverage: Coverage;
  onSettle: (finding: string) => void;
  onReopen: (finding: string) => void;
}) {
  const open = coverage.findings.filter(({ state }) => state === 'open');
  const settled = coverage.findings.filter(({ state }) => state === 'settled');
  const isMeasured = coverage.sources.some(({ kind, measured }) => measured && kind !== 'egress_proxy');
  return (
    <div className="flex flex-col gap-3">
      <h3 className="font-strong">{texts.title}</h3>
      {open.length === 0 ? (
        <p>{isMeasured ? texts.none : texts.nothing}</p>
      ) : (
        <Table label={texts.title} coverage={coverage} rows={open} act={texts.settle} onAct={onSettle} />
      )}
      {settled.length === 0 ? null : (
        <details>
          <summary className="cursor-pointer text-soft">{texts.showSettled(settled.length)}</summary>
          <Table
            label={texts.showSettled(settled.length)}
            coverage={coverage}
            rows={settled}
            act={texts.reopen}
            onAct={onReopen}
          />
        </details>
      )}
    </div>
  );
}

function Table({
  label,
  coverage,
  rows,
  act,
  onAct,
}: {
  label: string;
  coverage: Coverage;
  rows: readonly CoverageFinding[];
  act: string;
  onAct: (finding: string) => void;
}) {
  return (
    <PlainTable
      label={label}
      heads={[texts.what, texts.days, texts.evidence]}
      numeric={[texts.amount, texts.act]}
    >
      {rows.map((finding) => (
        <tr key={finding.id}>
          <th scope="row" className={`${cell} max-w-[420px] text-left font-normal`}>
            {finding.strength === 'strong' && finding.state === 'open' ? (
              <strong className="font-strong text-alert">{texts.strong}: </strong>
            ) : null}
            {textOf(finding)}
            {finding.settled === null ? null : (
              <span className="block text-small text-soft">
                {finding.reopened ? `${texts.reopened}. ` : ''}
                {texts.settled(finding.settled.by, finding.settled.reason)}
              </span>
            )}
          </th>
          <td className={`${cell} whitespace-nowrap`}>{daysText(finding)}</td>
          <td className={cell}>
            <Evidence vendor={coverage.vendor} finding={finding} />
          </td>
          <td className={`${cell} text-right whitespace-nowrap`}>
            {words.amount(finding.amount, finding.unit)}
          </td>
          <td className={`${cell} text-right`}>
            <Permitted action="coverage.change">
              <Button slim aria-label={`${act}: ${textOf(finding)}`} onClick={() => onAct(finding.id)}>
                {act}
              </Button>
            </Permitted>
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

function textOf({ kind, subject, name, where }: CoverageFinding): string {
  // Of a key that lies elsewhere both say something: its id finds it at the vendor, its name here.
  const shown = name === null ? subject : kind === 'held_key' ? `${subject} (${name})` : name;
  return texts.text[kind](shown, where);
}

function daysText({ days }: CoverageFinding): string {
  const shown = days.slice(-DAYS_SHOWN).map(({ day }) => dayName(day));
  return days.length > DAYS_SHOWN ? `${days.length}: …, ${shown.join(', ')}` : shown.join(', ');
}

/** What the latest days rest on: a record of a report, lines of a file, or crossings. */
function Evidence({ vendor, finding }: { vendor: string; finding: CoverageFinding }) {
  const shown = new Map<string, CoverageEvidence>();
  for (const { evidence } of finding.days.slice(-DAYS_SHOWN)) shown.set(JSON.stringify(evidence), evidence);
  return (
    <ul className="text-small">
      {[...shown].map(([key, evidence]) => (
        <li key={key}>
          {evidence.kind === 'import' ? (
            <a className="number-link" href={`#report-${evidence.import}`}>
              {texts.record(evidence.line)}
            </a>
          ) : evidence.kind === 'file' ? (
            <NumberLink to="/discover" search={{ q: finding.subject }}>
              {texts.lines(evidence.file, evidence.lines)}
            </NumberLink>
          ) : (
            <NumberLink to="/crossings" search={{ vendor }}>
              {texts.crossings}
            </NumberLink>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Gives a finding a reason, or takes that back. */
export function SettleSheet({
  coverage: { vendor, from, to, findings },
  finding: id,
  reopen = false,
  onClose,
}: {
  coverage: Coverage;
  finding: string;
  reopen?: boolean;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft(`coverage.settle.${vendor}.${id}`, { reason: '' });
  const finding = findings.find((one) => one.id === id);
  const settle = useMutation({
    mutationFn: () =>
      write('POST', `/coverage/${encodeURIComponent(vendor)}/${reopen ? 'reopen' : 'settle'}`, {
        reason: draft.reason.trim(),
        body: reopen ? { finding: id } : { finding: id, from, to },
      }),
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
      onClose();
    },
  });
  if (finding === undefined) return null;
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    settle.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={reopen ? texts.reopen : texts.settleTitle}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{textOf(finding)}</p>
        {reopen ? null : <p className="text-soft">{texts.settleLead}</p>}
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
        <FormActs error={settle.error} disabled={settle.isPending} onCancel={onClose}>
          {reopen ? texts.reopen : texts.settleDo}
        </FormActs>
      </form>
    </Sheet>
  );
}
