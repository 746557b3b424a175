import { useQuery } from '@tanstack/react-query';
import { write } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import type { RegisterEntry } from '../../api/register-types.ts';
import { Button } from '../../design/button.tsx';
import { Facts, Section } from '../../design/page.tsx';
import { register as words } from '../../messages/pages/register.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { useActs } from './acts.ts';
import { Agreements } from './agreements.tsx';
import { type Answers, orNull, QuestionSheet } from './form.tsx';
import { Reviews } from './reviews.tsx';
import { Statements } from './statements.tsx';
import { Uses } from './uses.tsx';

const path = (vendor: string): string => `/register/${encodeURIComponent(vendor)}`;

/** All that the register has of a vendor. */
export function RegisterParts({ entry }: { entry: RegisterEntry }) {
  const { act, show, close } = useActs();
  const isEntered = entry.status !== 'not_entered';
  return (
    <>
      <Section
        title={words.missing}
        lead={words.missingLead}
        acts={
          <Permitted action="register.change">
            {isEntered ? null : (
              <Button weight="main" slim onClick={() => show('enter')}>
                {words.enter}
              </Button>
            )}
          </Permitted>
        }
      >
        {entry.missing.length === 0 ? (
          <p>{words.nothingMissing}</p>
        ) : (
          <ul className="grid gap-x-8 border-t border-line sm:grid-cols-2">
            {entry.missing.map(({ code, text }) => (
              <li key={code} className="border-b border-line py-2">
                <span aria-hidden="true" className="text-soft">
                  ?{' '}
                </span>
                {text}
              </li>
            ))}
          </ul>
        )}
      </Section>
      {isEntered ? (
        <>
          <Ours entry={entry} onAct={show} />
          <Statements entry={entry} />
          <Agreements entry={entry} />
          <Reviews entry={entry} />
        </>
      ) : null}
      <Uses entry={entry} />
      {act === 'enter' || act === 'entry' ? <EntrySheet entry={entry} onClose={close} /> : null}
      {act === 'status' ? <StatusSheet entry={entry} onClose={close} /> : null}
    </>
  );
}

function Ours({ entry, onAct }: { entry: RegisterEntry; onAct: (act: string) => void }) {
  const known = (text: string | null) => text ?? <span className="text-soft">? {words.unknown}</span>;
  return (
    <Section
      title={words.entry}
      acts={
        <Permitted action="register.change">
          <Button slim onClick={() => onAct('status')}>
            {words.move}
          </Button>
          <Button slim onClick={() => onAct('entry')}>
            {words.edit}
          </Button>
        </Permitted>
      }
    >
      <Facts
        facts={[
          [words.status, words.statuses[entry.status]],
          [words.fields.owner, known(entry.owner)],
          [words.fields.purpose, known(entry.purpose)],
          [
            words.fields.criticality,
            known(entry.criticality === 'unknown' ? null : words.criticalities[entry.criticality]),
          ],
          [words.fields.tier, known(entry.tier)],
          [words.fields.category, known(entry.category)],
          [words.fields.domain, known(entry.domain)],
        ]}
      />
    </Section>
  );
}

function EntrySheet({ entry, onClose }: { entry: RegisterEntry; onClose: () => void }) {
  const isNew = entry.status === 'not_entered';
  const rules = useQuery(queries.registerRules());
  const tiers = rules.data?.tiers.map(({ id, name }) => [id, name] as const) ?? [];
  const body = (answers: Answers) => ({
    name: answers.name,
    owner: orNull(answers.owner),
    purpose: orNull(answers.purpose),
    category: orNull(answers.category),
    domain: orNull(answers.domain),
    criticality: answers.criticality,
    tier: orNull(answers.tier),
  });
  return (
    <QuestionSheet
      title={isNew ? words.enter : words.edit}
      draftName={`register.${entry.id}`}
      questions={[
        { name: 'name', label: words.fields.name, required: true },
        { name: 'owner', label: words.fields.owner },
        { name: 'purpose', label: words.fields.purpose, kind: 'long' },
        {
          name: 'criticality',
          label: words.fields.criticality,
          options: Object.entries(words.criticalities),
        },
        { name: 'tier', label: words.fields.tier, options: [['', words.unknown], ...tiers] },
        { name: 'category', label: words.fields.category },
        { name: 'domain', label: words.fields.domain },
      ]}
      initial={{
        name: entry.name,
        owner: entry.owner ?? '',
        purpose: entry.purpose ?? '',
        criticality: entry.criticality,
        tier: entry.tier ?? '',
        category: entry.category ?? '',
        domain: entry.domain ?? '',
      }}
      send={(answers, _, reason) =>
        isNew
          ? write('POST', '/register', { body: { id: entry.id, ...body(answers) }, reason })
          : write('PATCH', path(entry.id), { body: body(answers), reason })
      }
      onClose={onClose}
    />
  );
}

function StatusSheet({ entry, onClose }: { entry: RegisterEntry; onClose: () => void }) {
  return (
    <QuestionSheet
      title={words.move}
      draftName={`register.status.${entry.id}`}
      questions={[
        {
          name: 'to',
          label: words.fields.to,
          options: entry.mayMoveTo.map((status) => [status, words.statuses[status]]),
        },
      ]}
      initial={{ to: entry.mayMoveTo[0] ?? '' }}
      send={({ to }, _, reason) => write('POST', `${path(entry.id)}/status`, { body: { to }, reason })}
      onClose={onClose}
    />
  );
}
