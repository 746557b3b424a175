import { useQuery } from '@tanstack/react-query';
import { write } from '../api/client.ts';
import type { AccountHolding, HoldingField, PartyBehindConsole } from '../api/holding-types.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { FieldSheet } from '../consoles/field-sheet.tsx';
import { Visits } from '../consoles/visits.tsx';
import { Button, ButtonLink, NumberLink, TextLink } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { holdings as words } from '../messages/pages/holdings.ts';
import { ReasonSheet } from '../policies/reason-sheet.tsx';
import { Permitted } from '../shell/permitted.tsx';
import { useActs } from './register/acts.ts';
import { VisitSheet } from './visit-sheet.tsx';

const cell = 'border-b border-line px-3 py-2 align-top';
const SHOWN = 6;

/** Our people who have accounts at a vendor: what its console collects of them, and who stands behind it. */
export function AccountHoldingPart({ vendor }: { vendor: string }) {
  const mayRead = useMay('account.read');
  const found = useQuery({ ...queries.accountHolding(vendor), enabled: mayRead });
  const acts = useActs();
  if (!mayRead) return null;
  return (
    <Section
      id="console"
      title={words.title}
      lead={words.lead}
      acts={
        <>
          <Permitted action="account.import">
            <Button slim onClick={() => acts.show('visit')}>
              {words.handIn.button}
            </Button>
            <Button slim onClick={() => acts.show('state-field')}>
              {words.state.button}
            </Button>
          </Permitted>
          <ButtonLink to="/vendors/consoles" slim>
            {words.all}
          </ButtonLink>
        </>
      }
    >
      {found.data === undefined ? (
        found.error === null ? (
          <Bones lines={4} />
        ) : (
          <Trouble error={found.error} onRetry={() => void found.refetch()} />
        )
      ) : (
        <Held holding={found.data} onWithdraw={(field) => acts.show('withdraw-field', field)} />
      )}
      <Visits
        vendor={vendor}
        withdrawing={acts.act === 'withdraw-visit' ? acts.of : undefined}
        onWithdraw={(visit) => acts.show(visit === undefined ? undefined : 'withdraw-visit', visit)}
      />
      {acts.act === 'visit' ? <VisitSheet vendor={vendor} onClose={acts.close} /> : null}
      {acts.act === 'state-field' ? <FieldSheet vendor={vendor} onClose={acts.close} /> : null}
      {acts.act === 'withdraw-field' ? (
        <WithdrawField
          field={found.data?.fields.find(({ statement }) => statement !== null && statement === acts.of)}
          onClose={acts.close}
        />
      ) : null}
    </Section>
  );
}

function WithdrawField({ field, onClose }: { field: HoldingField | undefined; onClose: () => void }) {
  if (field === undefined) return null;
  return (
    <ReasonSheet
      title={words.state.withdrawTitle(field.name)}
      submit={words.state.withdraw}
      act={(reason) => write('POST', `/holdings/fields/${field.statement}/withdraw`, { reason })}
      onClose={onClose}
    >
      <p>{words.state.withdrawLead}</p>
    </ReasonSheet>
  );
}

function Held({ holding, onWithdraw }: { holding: AccountHolding; onWithdraw: (statement: string) => void }) {
  const { vendor, holders, visits, behind, fields, unknown } = holding;
  return (
    <div className="flex flex-col gap-6">
      <p className="max-w-[72ch]">
        <NumberLink to="/accounts/$vendor" params={{ vendor }}>
          {words.people(holders.people)}
        </NumberLink>{' '}
        ({words.accounts(holders.accounts)}).{' '}
        {visits.last === null ? null : words.visits(visits.count, visits.last)}
      </p>
      {behind.length === 0 ? null : (
        <PlainTable label={words.behind} heads={[words.party, words.gets, words.marks, words.lastSeen]}>
          {behind.map((one) => (
            <Party key={one.party} party={one} />
          ))}
        </PlainTable>
      )}
      {fields.length === 0 ? null : (
        <details>
          <summary className="font-strong">
            {words.fields} ({fields.length})
          </summary>
          <PlainTable
            label={words.fields}
            heads={[words.field, words.layer, words.source, words.receivers, words.since]}
            numeric={[words.state.withdraw]}
          >
            {fields.map((field) => (
              <Field key={`${field.layer} ${field.name}`} field={field} onWithdraw={onWithdraw} />
            ))}
          </PlainTable>
        </details>
      )}
      {unknown.length === 0 ? null : (
        <div>
          <h3 className="font-strong">{words.unknown}</h3>
          <ul className="max-w-[72ch] text-soft">
            {unknown.map(({ code, text }) => (
              <li key={code}>? {text}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function Party({ party }: { party: PartyBehindConsole }) {
  const { fields } = party;
  return (
    <tr>
      <th scope="row" className={`${cell} text-left font-normal`}>
        <TextLink to="/vendors/consoles/$party" params={{ party: party.party }}>
          {party.name}
        </TextLink>
        {party.hosts.length === 0 ? null : (
          <span className="block font-mono text-small break-all text-soft">{party.hosts.join(', ')}</span>
        )}
      </th>
      <td className={`${cell} font-mono text-small break-words`}>
        {fields.length === 0 ? words.nothing : fields.slice(0, SHOWN).join(', ')}
        {fields.length > SHOWN ? ` ${words.more(fields.length - SHOWN)}` : null}
      </td>
      <td className={cell}>
        {party.layer === 'observed' ? words.observed : words.declared}
        {party.layer === 'observed' && party.firstParty === false ? (
          <span className="block">{party.declared ? words.declared : words.notDeclared}</span>
        ) : null}
        {party.firstParty === null ? <span className="block">{words.whose}</span> : null}
      </td>
      <td className={`${cell} tabular-nums`}>
        {party.lastSeen ?? '?'}
        {party.notSeenIn === null ? null : (
          <span className="block text-soft">{words.notSeenIn(party.notSeenIn)}</span>
        )}
      </td>
    </tr>
  );
}

function Field({ field, onWithdraw }: { field: HoldingField; onWithdraw: (statement: string) => void }) {
  const { name, statement } = field;
  return (
    <tr>
      <th scope="row" className={`${cell} text-left font-mono text-small font-normal break-all`}>
        {field.name}
      </th>
      <td className={`${cell} whitespace-nowrap`}>{words[field.layer]}</td>
      <td className={cell}>{field.source}</td>
      <td className={`${cell} break-words`}>{field.receivers.join(', ')}</td>
      <td className={`${cell} whitespace-nowrap tabular-nums`}>{field.since ?? '?'}</td>
      <td className={`${cell} text-right`}>
        {statement === null ? null : (
          <Permitted action="account.import">
            <Button slim aria-label={words.state.withdrawOf(name)} onClick={() => onWithdraw(statement)}>
              {words.state.withdraw}
            </Button>
          </Permitted>
        )}
      </td>
    </tr>
  );
}
