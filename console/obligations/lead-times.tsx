import { useQuery } from '@tanstack/react-query';
import type { PersonRow } from '../api/identity-types.ts';
import type { LeadTimes, RemindersView } from '../api/obligation-types.ts';
import { queries } from '../api/queries.ts';
import { SelectField, TextField } from '../design/field.tsx';
import { obligations } from '../messages/pages/obligations.ts';
import { CheckField } from './check-field.tsx';
import { SaveSheet } from './save-sheet.tsx';

const words = obligations.reminders;
const path = '/organisation/reminders';
const ALL = '';

interface Sheet {
  view: RemindersView;
  onClose: () => void;
}

const hoursIn = (text: string): number[] =>
  text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map(Number);

/** When all rules, or one of them, are spoken of. */
export function LeadTimesSheet({ view: { reminders, revision }, onClose }: Sheet) {
  const rules = useQuery(queries.ruleReviews()).data?.rules ?? [];
  const { leads } = reminders;
  return (
    <SaveSheet
      title={words.timesSheet}
      name={`times.${revision}`}
      initial={{ ...leads, hours: leads.hoursBefore.join(', '), rule: ALL }}
      path={path}
      body={({ start, half, late, hours, rule }) => {
        const times: LeadTimes = { start, half, late, hoursBefore: hoursIn(hours) };
        const changed =
          rule === ALL ? { leads: times } : { leadsOf: { ...reminders.leadsOf, [rule]: times } };
        return { reminders: { ...reminders, ...changed }, revision };
      }}
      onClose={onClose}
    >
      {({ start, half, late, hours, rule }, change, wrong) => (
        <>
          <SelectField
            label={words.scope}
            value={rule}
            onChange={(event) => {
              const of = reminders.leadsOf[event.target.value] ?? leads;
              change({ ...of, hours: of.hoursBefore.join(', '), rule: event.target.value });
            }}
          >
            <option value={ALL}>{words.scopeAll}</option>
            {rules.map((one) => (
              <option key={one.rule} value={one.rule}>
                {`${one.rule}: ${one.title}`}
              </option>
            ))}
          </SelectField>
          <CheckField label={words.start} checked={start} onChange={(value) => change({ start: value })} />
          <CheckField label={words.half} checked={half} onChange={(value) => change({ half: value })} />
          <CheckField label={words.late} checked={late} onChange={(value) => change({ late: value })} />
          <TextField
            label={words.hours}
            hint={words.hoursHint}
            value={hours}
            onChange={(event) => change({ hours: event.target.value })}
            error={
              wrong('reminders.leads.hoursBefore') ??
              (rule === ALL ? undefined : wrong(`reminders.leadsOf.${rule}.hoursBefore`))
            }
          />
        </>
      )}
    </SaveSheet>
  );
}

/** Who is told where nobody who leads acknowledges, and after how long. */
export function EscalationSheet({
  view: { reminders, revision },
  people,
  onClose,
}: Sheet & { people: readonly PersonRow[] }) {
  const { escalation } = reminders;
  const choices = people.filter(({ state }) => state === 'active');
  return (
    <SaveSheet
      title={words.escalationSheet}
      name={`escalation.${revision}`}
      initial={{
        deputy: escalation?.deputy ?? '',
        drillDeputy: escalation?.drillDeputy ?? '',
        minutes: String(escalation?.afterMinutes ?? 30),
      }}
      path={path}
      body={({ deputy, drillDeputy, minutes }) => ({
        reminders: {
          ...reminders,
          escalation:
            deputy === ''
              ? null
              : {
                  deputy,
                  drillDeputy: drillDeputy === '' ? null : drillDeputy,
                  afterMinutes: Number(minutes),
                },
        },
        revision,
      })}
      onClose={onClose}
    >
      {(draft, change, wrong) => (
        <>
          {(['deputy', 'drillDeputy'] as const).map((which) => (
            <SelectField
              key={which}
              label={words[which]}
              value={draft[which]}
              onChange={(event) => change({ [which]: event.target.value })}
              error={wrong(`reminders.escalation.${which}`)}
            >
              <option value="">{words.nobody}</option>
              {choices.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </SelectField>
          ))}
          <TextField
            label={words.minutes}
            type="number"
            min={5}
            max={10_080}
            required
            value={draft.minutes}
            onChange={(event) => change({ minutes: event.target.value })}
            error={wrong('reminders.escalation.afterMinutes')}
          />
        </>
      )}
    </SaveSheet>
  );
}
