import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import type { PackRow, PackService } from '../api/types.ts';
import { ChoiceField } from '../design/field.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { ConnectForm } from './form.tsx';

interface Offer {
  pack: PackRow;
  service: PackService;
}

const offerId = ({ pack, service }: Offer): string => `${pack.vendor}/${service.id}`;

/** Choose, allow, see what would leave, connect. One page; each answer opens the next question. */
export function ConnectPage() {
  const search = useSearch({ from: '/signed-in/connect' });
  const navigate = useNavigate({ from: '/connect' });
  const packs = useQuery(queries.packs());
  const offers = packs.data?.flatMap((pack) => pack.services.map((service) => ({ pack, service })));
  const chosen = offers?.find(
    ({ pack, service }) =>
      pack.vendor === search.vendor && (search.service ?? pack.services[0]?.id) === service.id,
  );
  const region =
    chosen?.service.regions.find((candidate) => candidate.id === search.region) ?? chosen?.service.regions[0];

  function choose(patch: Partial<typeof search>): void {
    void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false });
  }

  const regions =
    chosen !== undefined && chosen.service.regions.length > 1 && region !== undefined ? (
      <div className="max-w-[760px]">
        <ChoiceField
          label={m.connect.region}
          name="region"
          columns={2}
          value={region.id}
          choices={chosen.service.regions.map((candidate) => ({
            value: candidate.id,
            label: candidate.name,
            hint: m.connect.regionHint(candidate.host, candidate.jurisdiction),
          }))}
          onChoose={(value) => choose({ region: value })}
        />
      </div>
    ) : null;

  return (
    <PageFrame
      tab={m.connect.tab}
      title={chosen === undefined ? m.connect.title : m.connect.titleFor(chosen.service.name)}
      lead={m.connect.lead}
    >
      {offers === undefined ? (
        packs.error ? (
          <Trouble error={packs.error} onRetry={() => void packs.refetch()} />
        ) : (
          <Bones lines={6} />
        )
      ) : (
        <Section title={m.connect.vendor}>
          <div className="flex max-w-[760px] flex-col gap-6">
            <ChoiceField
              label={m.vendors.vendor}
              name="vendor"
              columns={2}
              value={chosen === undefined ? '' : offerId(chosen)}
              choices={offers.map((offer) => ({
                value: offerId(offer),
                label: offer.service.name,
                hint: m.vendors.kinds[offer.service.kind] ?? offer.service.kind,
              }))}
              onChoose={(value) => {
                const [vendor, service] = value.split('/');
                choose({ vendor: vendor ?? '', service: service ?? '', region: '' });
              }}
            />
            {chosen === undefined ? <p className="text-soft">{m.connect.pickVendor}</p> : null}
          </div>
        </Section>
      )}
      {chosen !== undefined && region !== undefined ? (
        <ConnectForm
          key={offerId(chosen)}
          pack={chosen.pack}
          service={chosen.service}
          region={region}
          regions={regions}
          contract={search.contract === 'as_is' ? 'as_is' : 'recommended'}
          onContract={(contract) => choose({ contract })}
        />
      ) : null}
    </PageFrame>
  );
}
