import { useState } from 'react';
import { write } from '../../api/client.ts';
import type { RegisterEntry, Statement } from '../../api/register-types.ts';
import { Button, TextButton } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { PlainTable } from '../../design/plain-table.tsx';
import { Declared } from '../../design/provenance.tsx';
import { Exact } from '../../design/time.tsx';
import { register as words } from '../../messages/pages/register.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { useActs } from './acts.ts';
import { Files } from './files.tsx';
import { QuestionSheet } from './form.tsx';
import { shownKey, shownValue, typedValue } from './value.ts';

const idOf = ({ kind, key }: Statement): string => `${kind}/${key}`;
const kinds = Object.entries(words.kinds) as [Statement['kind'], string][];

/** What is stated of a vendor, each with the mark that opens its evidence. */
export function Statements({ entry }: { entry: RegisterEntry }) {
  const { act, of, show, close } = useActs();
  const { statements } = entry;
  const chosen = statements.find((one) => idOf(one) === of);
  return (
    <Section
      title={words.statements}
      lead={words.statementsLead}
      acts={
        <Permitted action="register.change">
          <Button slim onClick={() => show('state')}>
            {words.stateIt}
          </Button>
        </Permitted>
      }
    >
      {statements.length === 0 ? (
        <p className="text-soft">? {words.noStatements}</p>
      ) : (
        <PlainTable
          label={words.statementsTable}
          heads={[words.kind, words.value, words.source, words.files, words.acts]}
        >
          {statements.map((one) => (
            <tr key={idOf(one)} className="border-b border-line align-top">
              <td className="px-3 py-2">
                {words.kinds[one.kind]}
                {one.key === '' ? null : (
                  <span className="block text-small text-soft">{shownKey(one.key)}</span>
                )}
              </td>
              <td className="max-w-[40ch] px-3 py-2 break-words">
                {shownValue(one)}
                {one.kind === 'deletion' && one.files.length === 0 ? (
                  <span className="block text-small text-alert">{words.notProven}</span>
                ) : null}
              </td>
              <td className="px-3 py-2 whitespace-nowrap">
                <Declared label={`${words.kinds[one.kind]} ${one.key}`.trim()}>
                  <p>{one.source}</p>
                  <p className="text-soft">
                    {words.asOf} {one.asOf}. {words.statedBy(one.statedBy)}, <Exact at={one.statedAt} />
                  </p>
                </Declared>{' '}
                <span className="text-soft">{one.asOf}</span>
              </td>
              <td className="px-3 py-2">
                <Files files={one.files} />
              </td>
              <td className="px-3 py-2 text-right whitespace-nowrap">
                <Permitted action="register.change">
                  <TextButton onClick={() => show('state', idOf(one))}>{words.edit}</TextButton>{' '}
                  <TextButton onClick={() => show('take-back', idOf(one))}>{words.takeBack}</TextButton>
                </Permitted>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {act === 'state' ? <StateSheet vendor={entry.id} statement={chosen} onClose={close} /> : null}
      {act === 'take-back' && chosen !== undefined ? (
        <QuestionSheet
          title={words.takeBack}
          draftName={`take-back.${entry.id}.${idOf(chosen)}`}
          questions={[]}
          initial={{}}
          send={(_, __, reason) =>
            write('POST', `/register/${encodeURIComponent(entry.id)}/statements/remove`, {
              body: { kind: chosen.kind, key: chosen.key },
              reason,
            })
          }
          onClose={close}
        />
      ) : null}
    </Section>
  );
}

function StateSheet({
  vendor,
  statement,
  onClose,
}: {
  vendor: string;
  statement: Statement | undefined;
  onClose: () => void;
}) {
  const [kind, setKind] = useState<string>(statement?.kind ?? 'legal_name');
  return (
    <QuestionSheet
      title={words.stateIt}
      draftName={`state.${vendor}.${statement === undefined ? '' : idOf(statement)}`}
      onAnswer={(answers) => setKind(answers.kind ?? '')}
      questions={[
        { name: 'kind', label: words.kind, options: kinds },
        { name: 'key', label: words.key, hint: words.keyHint },
        {
          name: 'value',
          label: words.value,
          ...(words.valueHints[kind] === undefined ? {} : { hint: words.valueHints[kind] }),
        },
        { name: 'source', label: words.source, hint: words.sourceHint, required: true },
        { name: 'asOf', label: words.asOf, kind: 'date', required: true },
        { name: 'file', label: words.file, hint: words.fileHint, kind: 'file', error: 'files' },
      ]}
      initial={{
        kind: statement?.kind ?? 'legal_name',
        key: statement?.key ?? '',
        value: statement === undefined ? '' : shownValue(statement),
        source: statement?.source ?? '',
        asOf: statement?.asOf ?? '',
      }}
      send={(answers, files, reason) =>
        write('PUT', `/register/${encodeURIComponent(vendor)}/statements`, {
          body: {
            kind: answers.kind,
            key: (answers.key ?? '').trim(),
            value: typedValue(answers.kind as Statement['kind'], answers.value ?? ''),
            source: answers.source,
            asOf: answers.asOf,
            files: [...(statement?.files ?? []).map(({ hash, name }) => ({ hash, name })), ...files],
          },
          reason,
        })
      }
      onClose={onClose}
    />
  );
}
