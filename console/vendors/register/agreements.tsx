import { write } from '../../api/client.ts';
import type { Agreement, RegisterEntry } from '../../api/register-types.ts';
import { Button, TextButton } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { PlainTable } from '../../design/plain-table.tsx';
import { Declared } from '../../design/provenance.tsx';
import { register as words } from '../../messages/pages/register.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { useActs } from './acts.ts';
import { Files } from './files.tsx';
import { orNull, QuestionSheet } from './form.tsx';

/** What was agreed with a vendor: until when it holds, and the papers. */
export function Agreements({ entry }: { entry: RegisterEntry }) {
  const { act, of, show, close } = useActs();
  const { agreements } = entry;
  return (
    <Section
      id="agreements"
      title={words.agreements}
      lead={words.agreementsLead}
      acts={
        <Permitted action="register.change">
          <Button slim onClick={() => show('agree')}>
            {words.agree}
          </Button>
        </Permitted>
      }
    >
      {agreements.length === 0 ? (
        <p className="text-soft">? {words.noAgreements}</p>
      ) : (
        <PlainTable
          label={words.agreementsTable}
          heads={[
            words.kind,
            words.state,
            words.signedOn,
            words.validUntil,
            words.source,
            words.files,
            words.acts,
          ]}
        >
          {agreements.map((one) => (
            <tr key={one.id} className="border-b border-line align-top">
              <td className="px-3 py-2 font-strong">{words.agreementKinds[one.kind]}</td>
              <td className={`px-3 py-2 ${one.state === 'ran_out' ? 'text-alert' : ''}`}>
                {words.agreementStates[one.state]}
              </td>
              <td className="px-3 py-2 whitespace-nowrap">
                {one.signedOn ?? <span className="text-soft">? {words.unknown}</span>}
              </td>
              <td className="px-3 py-2 whitespace-nowrap">
                <LastDay agreement={one} />
              </td>
              <td className="px-3 py-2 whitespace-nowrap">
                <Declared label={words.agreementKinds[one.kind]}>
                  <p>{one.source}</p>
                  {one.note === null ? null : <p>{one.note}</p>}
                  <p className="text-soft">
                    {words.asOf} {one.asOf}. {words.statedBy(one.enteredBy)}
                  </p>
                </Declared>
              </td>
              <td className="px-3 py-2">
                <Files files={one.files} />
              </td>
              <td className="px-3 py-2 text-right">
                <Permitted action="register.change">
                  <TextButton onClick={() => show('agree', one.id)}>{words.edit}</TextButton>
                </Permitted>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {act === 'agree' ? (
        <AgreementSheet
          vendor={entry.id}
          agreement={agreements.find(({ id }) => id === of)}
          onClose={close}
        />
      ) : null}
    </Section>
  );
}

function LastDay({ agreement: { validUntil, openEnded, noticeBy, due } }: { agreement: Agreement }) {
  if (openEnded) return words.openEnded;
  if (validUntil === null) return <span className="text-soft">? {words.unknown}</span>;
  return (
    <>
      <span className={due === '7' || due === 'over' ? 'text-alert' : ''}>{validUntil}</span>
      {noticeBy === null ? null : (
        <span className="block text-small text-soft">{words.noticeBy(noticeBy)}</span>
      )}
    </>
  );
}

function AgreementSheet({
  vendor,
  agreement,
  onClose,
}: {
  vendor: string;
  agreement: Agreement | undefined;
  onClose: () => void;
}) {
  return (
    <QuestionSheet
      title={agreement === undefined ? words.agree : words.edit}
      draftName={`agreement.${vendor}.${agreement?.id ?? ''}`}
      questions={[
        { name: 'kind', label: words.kind, options: Object.entries(words.agreementKinds) },
        { name: 'parties', label: words.parties },
        { name: 'signedOn', label: words.signedOn, kind: 'date' },
        { name: 'validFrom', label: words.validFrom, kind: 'date' },
        { name: 'validUntil', label: words.validUntil, hint: words.validUntilHint, kind: 'date' },
        {
          name: 'openEnded',
          label: words.isOpenEnded,
          options: [
            ['no', words.no],
            ['yes', words.yes],
          ],
        },
        { name: 'noticeDays', label: words.noticeDays, kind: 'number' },
        { name: 'note', label: words.note, kind: 'long' },
        { name: 'source', label: words.source, hint: words.sourceHint, required: true },
        { name: 'asOf', label: words.asOf, kind: 'date', required: true },
        { name: 'file', label: words.file, hint: words.fileHint, kind: 'file', error: 'files' },
      ]}
      initial={{
        kind: agreement?.kind ?? 'dpa',
        parties: agreement?.parties ?? '',
        signedOn: agreement?.signedOn ?? '',
        validFrom: agreement?.validFrom ?? '',
        validUntil: agreement?.validUntil ?? '',
        openEnded: agreement?.openEnded === true ? 'yes' : 'no',
        noticeDays: agreement?.noticeDays?.toString() ?? '',
        note: agreement?.note ?? '',
        source: agreement?.source ?? '',
        asOf: agreement?.asOf ?? '',
      }}
      send={(answers, files, reason) => {
        const notice = orNull(answers.noticeDays);
        const body = {
          kind: answers.kind,
          parties: orNull(answers.parties),
          signedOn: orNull(answers.signedOn),
          validFrom: orNull(answers.validFrom),
          validUntil: orNull(answers.validUntil),
          openEnded: answers.openEnded === 'yes',
          noticeDays: notice === null ? null : Number(notice),
          endedOn: agreement?.endedOn ?? null,
          reviewedBy: agreement?.reviewedBy ?? null,
          reviewedOn: agreement?.reviewedOn ?? null,
          note: orNull(answers.note),
          source: answers.source,
          asOf: answers.asOf,
          files: [...(agreement?.files ?? []).map(({ hash, name }) => ({ hash, name })), ...files],
        };
        return agreement === undefined
          ? write('POST', `/register/${encodeURIComponent(vendor)}/agreements`, { body, reason })
          : write('PUT', `/agreements/${agreement.id}`, { body, reason });
      }}
      onClose={onClose}
    />
  );
}
