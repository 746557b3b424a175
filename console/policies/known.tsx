import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMay } from '../api/may.ts';
import type { AppFacts, Said, VendorFacts } from '../api/policy-types.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink, TextLink } from '../design/button.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { AppSheet, VendorSheet } from './known-sheets.tsx';

const words = m.policies.known;
const from = '/signed-in/policy-facts';

/** What policies refer to of vendors and apps: who is approved, who signed, which app is whose. */
export function KnownPage() {
  const search = useSearch({ from });
  const navigate = useNavigate({ from: '/policy-facts' });
  const mayChange = useMay('facts.change');
  const facts = useQuery(queries.facts());
  const vendors = useQuery(queries.vendors());
  const set = (act: string | undefined, of: string | undefined): void =>
    void navigate({ search: (previous) => ({ ...previous, act, of }), replace: true, resetScroll: false });
  const close = (): void => set(undefined, undefined);
  const error = facts.error ?? vendors.error;
  const rows = facts.data && vendors.data && vendorRows(facts.data.vendors, vendors.data);
  const vendor = rows?.find(({ id }) => id === search.of);
  const app = facts.data?.apps.find((one) => one.app.id === search.of);
  return (
    <PageFrame
      tab={words.tab}
      title={words.title}
      lead={words.lead}
      acts={<ButtonLink to="/policies">{words.back}</ButtonLink>}
    >
      {error ? <Trouble error={error} /> : null}
      {rows === undefined && !error ? <Bones lines={8} /> : null}
      {rows === undefined ? null : (
        <Section title={words.vendors} lead={words.registerLead}>
          <PlainTable
            label={words.vendorsTable}
            heads={[words.vendor, words.approved, words.agreement, words.register]}
            numeric={[words.change]}
          >
            {rows.map(({ id, name, known }) => (
              <tr key={id} className="border-b border-line align-top">
                <td className="px-3 py-2">{name}</td>
                <td className="px-3 py-2">{saidText(known?.approved ?? null)}</td>
                <td className="px-3 py-2">{saidText(known?.agreement ?? null)}</td>
                <td className="px-3 py-2">
                  <TextLink to="/vendors/$vendor" params={{ vendor: id }} hash="register">
                    {words.toRegister(name)}
                  </TextLink>
                </td>
                <td className="px-3 py-2 text-right">
                  <Button
                    slim
                    disabled={!mayChange}
                    aria-label={`${words.change}: ${name}`}
                    onClick={() => set('vendor', id)}
                  >
                    {words.change}
                  </Button>
                </td>
              </tr>
            ))}
          </PlainTable>
        </Section>
      )}
      {facts.data === undefined ? null : (
        <Section title={words.apps}>
          <PlainTable
            label={words.appsTable}
            heads={[words.app, words.tags, words.team, words.holder]}
            numeric={[words.change]}
          >
            {facts.data.apps.map((row) => (
              <AppRow
                key={row.app.id}
                row={row}
                mayChange={mayChange}
                onChange={() => set('app', row.app.id)}
              />
            ))}
          </PlainTable>
        </Section>
      )}
      {search.act === 'vendor' && vendor !== undefined ? (
        <VendorSheet vendor={vendor} onClose={close} />
      ) : null}
      {search.act === 'app' && app !== undefined ? <AppSheet facts={app} onClose={close} /> : null}
    </PageFrame>
  );
}

function AppRow({ row, mayChange, onChange }: { row: AppFacts; mayChange: boolean; onChange: () => void }) {
  return (
    <tr className="border-b border-line align-top">
      <td className="px-3 py-2">{row.app.name}</td>
      <td className="px-3 py-2">
        {row.tags.length === 0 ? <span className="text-soft">{m.common.none}</span> : row.tags.join(', ')}
      </td>
      <td className="px-3 py-2">
        {row.team === '' ? <span className="text-soft">{m.common.none}</span> : row.team}
      </td>
      <td className="px-3 py-2">{m.policies.examples.holders[row.holder]}</td>
      <td className="px-3 py-2 text-right">
        <Button slim disabled={!mayChange} aria-label={`${words.change}: ${row.app.name}`} onClick={onChange}>
          {words.change}
        </Button>
      </td>
    </tr>
  );
}

function saidText(said: Said) {
  if (said === null) return <span className="text-soft">{words.not}</span>;
  return (
    <>
      {said.on}
      <p className="text-small text-soft">{said.source}</p>
    </>
  );
}

/** Every vendor that is connected, and those of which something was entered. */
function vendorRows(
  known: readonly VendorFacts[],
  vendors: readonly { vendor: string; name: string }[],
): { id: string; name: string; known: VendorFacts | undefined }[] {
  const names = new Map(vendors.map(({ vendor, name }) => [vendor, name]));
  const ids = [...new Set([...names.keys(), ...known.map(({ vendor }) => vendor)])].sort();
  return ids.map((id) => ({
    id,
    name: names.get(id) ?? id,
    known: known.find(({ vendor }) => vendor === id),
  }));
}
