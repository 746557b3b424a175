import { useQuery } from '@tanstack/react-query';
import type { OwnRule, OwnRules } from '../api/obligation-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { SelectField, TextArea, TextField } from '../design/field.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Empty, Note, Trouble } from '../design/state.tsx';
import { obligations } from '../messages/pages/obligations.ts';
import { Permitted } from '../shell/permitted.tsx';
import type { Open } from './page.tsx';
import { SaveSheet } from './save-sheet.tsx';

const words = obligations.own;
const form = words.form;
const path = '/organisation/own-rules';

/** Clocks of contracts, insurers and customers. */
export function OwnClocks({ open }: { open: Open }) {
  const { data, error, refetch } = useQuery(queries.ownRules());
  const close = (): void => open.set();
  const add = (
    <Permitted action="obligation.change">
      <Button slim onClick={() => open.set('own')}>
        {words.add}
      </Button>
    </Permitted>
  );
  return (
    <Section
      title={words.title}
      lead={words.lead}
      acts={
        data === undefined || data.rules.length === 0 ? null : (
          <>
            {add}
            <Permitted action="obligation.change">
              <Button slim onClick={() => open.set('own-json')}>
                {words.edit}
              </Button>
            </Permitted>
          </>
        )
      }
    >
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Bones lines={2} /> : null}
      {data !== undefined && data.unfit.length > 0 ? <Note urgent>{words.unfit(data.unfit)}</Note> : null}
      {data?.rules.length === 0 ? (
        <Empty
          title={words.empty}
          example={<p className="border-l-3 border-line pl-4">{words.example}</p>}
          act={add}
        >
          {words.emptyText}
        </Empty>
      ) : null}
      {data !== undefined && data.rules.length > 0 ? (
        <PlainTable label={words.table} heads={[...words.heads, words.acts]}>
          {data.rules.map((rule) => (
            <tr key={rule.id} className="border-b border-line align-top">
              <td className="px-3 py-2">
                {memberOf(rule, 'title')}
                <br />
                <span className="font-mono text-small text-soft">{rule.id}</span>
              </td>
              <td className="px-3 py-2">{memberOf(rule, 'clause')}</td>
              <td className="px-3 py-2 whitespace-nowrap">{dueOf(rule)}</td>
              <td className="px-3 py-1">
                <Permitted action="obligation.change">
                  <Button
                    slim
                    aria-label={words.removeNamed(rule.id)}
                    onClick={() => open.set('own-remove', rule.id)}
                  >
                    {words.remove}
                  </Button>
                </Permitted>
              </td>
            </tr>
          ))}
        </PlainTable>
      ) : null}
      {data !== undefined && open.act === 'own' ? <Add whole={data} onClose={close} /> : null}
      {data !== undefined && open.act === 'own-json' ? <Edit whole={data} onClose={close} /> : null}
      {data?.rules.some(({ id }) => open.act === 'own-remove' && id === open.of) === true ? (
        <Remove whole={data} id={open.of ?? ''} onClose={close} />
      ) : null}
    </Section>
  );
}

const memberOf = (rule: OwnRule, name: string): string => {
  const value = rule[name];
  return typeof value === 'string' ? value : '';
};

/** As it is written; what is not of the usual form is shown in the JSON. */
function dueOf({ due }: OwnRule): string {
  if (typeof due !== 'object' || due === null) return '';
  if ('no_number' in due && typeof due.no_number === 'string') return due.no_number;
  if (!('within' in due) || typeof due.within !== 'object' || due.within === null) return '';
  return Object.entries(due.within)
    .map(([unit, n]) => words.within(Number(n), unit))
    .join(', ');
}

interface Sheet {
  whole: OwnRules;
  onClose: () => void;
}

function Add({ whole: { rules, revision, times }, onClose }: Sheet) {
  return (
    <SaveSheet
      title={form.sheet}
      name={`own.${revision}`}
      initial={{
        id: '',
        kind: 'customer',
        clause: '',
        title: '',
        who: '',
        recipient: '',
        starts: times[0]?.id ?? '',
        amount: '24',
        unit: 'hours',
        asOf: new Date().toISOString().slice(0, 10),
      }}
      path={path}
      body={({ id, kind, clause, title, who, recipient, starts, amount, unit, asOf }) => ({
        revision,
        rules: [
          ...rules,
          {
            id: id.trim(),
            kind,
            clause: clause.trim(),
            title: title.trim(),
            who: who.trim(),
            recipient: recipient.trim(),
            starts: { time: starts },
            due: { within: { [unit]: Number(amount) }, counting: { by: 'elapsed' } },
            as_of: asOf,
          },
        ],
      })}
      onClose={onClose}
    >
      {(draft, change, wrong) => {
        const text = (
          name: 'id' | 'clause' | 'title' | 'who' | 'recipient',
          label: string,
          hint?: string,
        ) => (
          <TextField
            label={label}
            hint={hint}
            required
            value={draft[name]}
            onChange={(event) => change({ [name]: event.target.value })}
            error={wrong(`rules.${rules.length}.${name}`)}
          />
        );
        return (
          <>
            {text('id', form.id, form.idHint)}
            <SelectField
              label={form.kind}
              value={draft.kind}
              onChange={(event) => change({ kind: event.target.value })}
            >
              {Object.entries(words.kinds).map(([kind, name]) => (
                <option key={kind} value={kind}>
                  {name}
                </option>
              ))}
            </SelectField>
            {text('clause', form.clause, form.clauseHint)}
            {text('title', form.name)}
            {text('who', form.who)}
            {text('recipient', form.recipient)}
            <SelectField
              label={form.starts}
              value={draft.starts}
              onChange={(event) => change({ starts: event.target.value })}
            >
              {times.map((time) => (
                <option key={time.id} value={time.id}>
                  {time.text}
                </option>
              ))}
            </SelectField>
            <div className="grid gap-4 sm:grid-cols-2">
              <TextField
                label={form.amount}
                type="number"
                min={1}
                required
                value={draft.amount}
                onChange={(event) => change({ amount: event.target.value })}
                error={wrong(`${draft.id}.due.within`)}
              />
              <SelectField
                label={form.unit}
                value={draft.unit}
                onChange={(event) => change({ unit: event.target.value })}
              >
                {Object.entries(form.units).map(([unit, name]) => (
                  <option key={unit} value={unit}>
                    {name}
                  </option>
                ))}
              </SelectField>
            </div>
            <TextField
              label={form.asOf}
              type="date"
              required
              value={draft.asOf}
              onChange={(event) => change({ asOf: event.target.value })}
            />
          </>
        );
      }}
    </SaveSheet>
  );
}

/** Whether a text is a JSON list; the server says what is wrong within one. */
function listIn(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function Edit({ whole: { rules, revision }, onClose }: Sheet) {
  return (
    <SaveSheet
      title={words.json.sheet}
      name={`own-json.${revision}`}
      initial={{ text: JSON.stringify(rules, null, 2) }}
      path={path}
      // What is no list is not changed into one: the server refuses it by its field.
      body={({ text }) => ({ revision, rules: listIn(text) })}
      onClose={onClose}
    >
      {({ text }, change, wrong) => (
        <>
          <p>{words.json.text}</p>
          <TextArea
            label={words.json.field}
            rows={18}
            spellCheck={false}
            value={text}
            onChange={(event) => change({ text: event.target.value })}
            error={listIn(text) === null ? words.json.wrong : wrong('rules')}
          />
        </>
      )}
    </SaveSheet>
  );
}

function Remove({ whole: { rules, revision }, id, onClose }: Sheet & { id: string }) {
  return (
    <SaveSheet
      title={words.removeSheet(id)}
      name={`own-remove.${id}`}
      initial={{}}
      path={path}
      body={() => ({ revision, rules: rules.filter((rule) => rule.id !== id) })}
      danger
      act={words.remove}
      onClose={onClose}
    >
      {() => <p>{words.removeText}</p>}
    </SaveSheet>
  );
}
