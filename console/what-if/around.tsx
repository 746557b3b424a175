import type { ReactNode } from 'react';
import type { BlastRadius } from '../api/incident-types.ts';
import { TextLink } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Note } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { whatIf as words } from '../messages/pages/what-if.ts';

const cell = 'px-3 py-2 align-top';
const numeric = `${cell} text-right tabular-nums`;
const Row = ({ children }: { children: ReactNode }) => <tr className="border-b border-line">{children}</tr>;

/** What the answer does not rest on, before all figures: who reads them must know. */
export function Unknown({ unknown }: { unknown: BlastRadius['unknown'] }) {
  if (unknown.length === 0) return <Note>{words.none}</Note>;
  return (
    <Section title={words.unknown}>
      <ul className="max-w-[72ch] list-disc pl-5">
        {unknown.map((one) => (
          <li key={one.code}>{one.text}</li>
        ))}
      </ul>
    </Section>
  );
}

export function Accounts({ accounts }: { accounts: BlastRadius['accounts'] }) {
  const heads = words.accountHeads;
  return (
    <Section title={words.accounts} lead={words.accountsLead}>
      {accounts.length === 0 ? (
        <p className="text-soft">{words.noAccounts}</p>
      ) : (
        <PlainTable
          label={words.accountsTable}
          heads={[heads.vendor, heads.layer, heads.fields]}
          numeric={[heads.people, heads.accounts]}
        >
          {accounts.map((one) => (
            <Row key={one.vendor.id}>
              <td className={cell}>
                <TextLink to="/accounts/$vendor" params={{ vendor: one.vendor.id }}>
                  {one.vendor.name}
                </TextLink>
              </td>
              <td className={cell}>{words.layers[one.layer]}</td>
              <td className={cell}>
                {one.fields.length === 0
                  ? m.common.unknown
                  : one.fields.map((field) => `${field.name} (${words.layers[field.layer]})`).join(', ')}
              </td>
              <td className={numeric}>{one.people === null ? m.common.unknown : count(one.people)}</td>
              <td className={numeric}>{count(one.accounts)}</td>
            </Row>
          ))}
        </PlainTable>
      )}
    </Section>
  );
}

export function Credentials({ credentials }: { credentials: BlastRadius['credentials'] }) {
  const heads = words.credentialHeads;
  return (
    <Section title={words.credentials}>
      {credentials.length === 0 ? (
        <p className="text-soft">{words.noCredentials}</p>
      ) : (
        <PlainTable label={words.credentialsTable} heads={[heads.name, heads.act]} numeric={[heads.used]}>
          {credentials.map((one) => (
            <Row key={`${one.kind} ${one.id}`}>
              <td className={cell}>
                {one.kind === 'connection' ? (
                  <TextLink to="/connections/$connection" params={{ connection: one.id }}>
                    {one.name}
                  </TextLink>
                ) : (
                  one.name
                )}
                {one.scopes.length === 0 ? null : (
                  <span className="block text-small break-words text-soft">{one.scopes.join(', ')}</span>
                )}
              </td>
              <td className={`${cell} min-w-[14em]`}>{one.doText}</td>
              <td className={numeric}>
                {one.lastUsedAt === null && one.kind === 'grant' ? (
                  <span className="text-soft">{m.common.unknown}</span>
                ) : (
                  <Ago at={one.lastUsedAt} />
                )}
              </td>
            </Row>
          ))}
        </PlainTable>
      )}
    </Section>
  );
}

export function Dependents({ blast }: { blast: BlastRadius }) {
  const heads = words.dependentHeads;
  return (
    <Section title={words.dependents}>
      {blast.dependents.length === 0 ? (
        <p className="text-soft">{words.noDependents}</p>
      ) : (
        <PlainTable
          label={words.dependentsTable}
          heads={[heads.app, heads.vendor, heads.connections]}
          numeric={[heads.last, heads.crossings]}
        >
          {blast.dependents.map((one) => (
            <Row key={`${one.app.id} ${one.vendor.id}`}>
              <td className={cell}>
                <TextLink to="/apps/$app" params={{ app: one.app.id }}>
                  {one.app.name}
                </TextLink>
              </td>
              <td className={cell}>{one.vendor.name}</td>
              <td className={cell}>{one.connections.map(({ name }) => name).join(', ')}</td>
              <td className={numeric}>
                <Ago at={one.lastSeenAt} />
              </td>
              <td className={numeric}>{count(one.crossings)}</td>
            </Row>
          ))}
        </PlainTable>
      )}
      <Workflows workflows={blast.workflows} />
      <p>
        {blast.substitutes.length === 0
          ? words.noSubstitutes
          : `${words.substitutes}: ${blast.substitutes.map((one) => `${one.name}${words.days(one.days)}`).join(', ')}`}
      </p>
    </Section>
  );
}

function Workflows({ workflows }: { workflows: BlastRadius['workflows'] }) {
  const heads = words.workflowHeads;
  if (workflows.length === 0) return <p className="text-soft">{words.noWorkflows}</p>;
  return (
    <PlainTable
      label={words.workflowsTable}
      heads={[heads.name, heads.kind, heads.basis]}
      numeric={[heads.last]}
    >
      {workflows.map((one) => (
        <Row key={one.id}>
          <td className={`${cell} break-all`}>
            {one.app === null ? (
              one.name
            ) : (
              <TextLink to="/apps/$app" params={{ app: one.app.id }}>
                {one.kind === 'around' ? one.app.name : one.name}
              </TextLink>
            )}
            <span className="block text-small text-soft">
              {one.kind === 'around' ? one.name : one.detail}
            </span>
          </td>
          <td className={cell}>{words.workflowKinds[one.kind]}</td>
          <td className={`${cell} min-w-[12em]`}>
            {words.layers[one.layer]}
            <span className="block text-small text-soft">
              {one.run === null ? (
                one.source
              ) : (
                <TextLink to="/discover/runs/$run" params={{ run: one.run }}>
                  {one.source}
                </TextLink>
              )}
            </span>
          </td>
          <td className={numeric}>
            <Ago at={one.lastSeenAt} />
          </td>
        </Row>
      ))}
    </PlainTable>
  );
}

export function Around({ blast }: { blast: BlastRadius }) {
  return (
    <Section title={words.chain}>
      <h3 className="font-strong">{words.ways}</h3>
      {blast.ways.length === 0 ? (
        <p className="text-soft">{words.noWay}</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {blast.ways.map((way) => (
            <li key={way.through.map(({ id }) => id).join(' ')}>
              {way.through.length === 1 ? words.direct : way.through.map(({ name }) => name).join(' → ')}
              <span className="text-soft">
                {' '}
                ({words.layers[way.layer]}
                {way.scopes === null ? '' : `: ${way.scopes.join(', ').replaceAll('_', ' ')}`})
              </span>
            </li>
          ))}
        </ul>
      )}
      <h3 className="font-strong">{words.behind}</h3>
      {blast.chain.behind.length === 0 ? (
        <p className="text-soft">{words.noBehind}</p>
      ) : (
        <ul className="flex flex-wrap gap-x-6 gap-y-1">
          {blast.chain.behind.map((one) => (
            <li key={`${one.id} ${one.layer}`}>
              <TextLink to="/what-if/$party" params={{ party: one.id }}>
                {one.name}
              </TextLink>{' '}
              <span className="text-soft">({words.layers[one.layer]})</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function NotAffected({ blast }: { blast: BlastRadius }) {
  return (
    <Section title={words.notAffected} lead={words.notAffectedLead}>
      <ul className="grid gap-x-8 gap-y-1 sm:grid-cols-2">
        {blast.notAffected.map((one) => (
          <li key={one.class} className="border-b border-line py-1">
            <span className="font-strong">{classLabel(one.class)}</span>{' '}
            <span className="text-soft">{one.text}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
