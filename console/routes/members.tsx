import { useRef } from 'react';
import type { Connection } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { SelectField, TextArea } from '../design/field.tsx';
import { routes } from '../messages/pages/routes.ts';
import { modelsOf, moved, type RouteDraft } from './draft.ts';

const words = routes.form;
/** More than gateways take. */
const MOST = 8;

/** The connections of a route, put in order with buttons: by hand, by keyboard, by voice. */
export function Members({
  members,
  connections,
  onChange,
  wrong,
}: {
  members: RouteDraft['members'];
  connections: readonly Connection[];
  onChange: (members: RouteDraft['members']) => void;
  wrong: (field: string) => string | undefined;
}) {
  const list = useRef<HTMLOListElement>(null);
  const nameOf = (id: string): string => connections.find((one) => one.id === id)?.name ?? id;
  const free = connections.filter(({ id }) => members.every(({ connection }) => connection !== id));

  /** The focus goes along with what was moved: pressing again moves it on. */
  function move(at: number, by: number): void {
    onChange(moved(members, at, by));
    requestAnimationFrame(() => {
      const buttons = list.current?.children[at + by]?.querySelectorAll('button');
      const same = buttons?.[by < 0 ? 0 : 1];
      (same?.disabled === true ? buttons?.[by < 0 ? 1 : 0] : same)?.focus();
    });
  }

  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-2 font-strong">{words.members}</legend>
      <ol ref={list} className="flex flex-col gap-4">
        {members.map(({ connection, models }, at) => {
          const name = nameOf(connection);
          const read = modelsOf(models);
          const error =
            'wrong' in read
              ? words.wrongModels(read.wrong)
              : (wrong(`members.${at}.models`) ?? wrong(`members.${at}.connection`));
          return (
            <li key={connection} className="flex flex-col gap-2 border-l-3 border-line pl-4">
              <div className="flex flex-wrap items-center gap-2">
                <span className="mr-auto font-strong">
                  {at + 1}. {name}
                </span>
                <Button slim aria-label={words.up(name)} disabled={at === 0} onClick={() => move(at, -1)}>
                  {words.upShort}
                </Button>
                <Button
                  slim
                  aria-label={words.down(name)}
                  disabled={at === members.length - 1}
                  onClick={() => move(at, 1)}
                >
                  {words.downShort}
                </Button>
                <Button
                  slim
                  aria-label={words.out(name)}
                  onClick={() => onChange(members.filter((_, other) => other !== at))}
                >
                  {words.outShort}
                </Button>
              </div>
              <TextArea
                label={words.models(name)}
                hint={words.modelsHint}
                rows={2}
                value={models}
                onChange={(event) =>
                  onChange(
                    members.map((one, other) =>
                      other === at ? { ...one, models: event.target.value } : one,
                    ),
                  )
                }
                {...(error === undefined ? {} : { error })}
              />
            </li>
          );
        })}
      </ol>
      {members.length === 0 ? <p className="text-small text-soft">{words.oneAtLeast}</p> : null}
      {members.length >= MOST || free.length === 0 ? null : (
        <SelectField
          label={words.add}
          value=""
          onChange={(event) => {
            if (event.target.value !== '')
              onChange([...members, { connection: event.target.value, models: '' }]);
          }}
        >
          <option value="">{words.choose}</option>
          {free.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
    </fieldset>
  );
}
