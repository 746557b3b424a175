import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { PageFrame } from '../design/page.tsx';
import { detectors } from '../messages/pages/detectors.ts';
import { Lists } from './lists.tsx';
import { Patterns } from './patterns.tsx';
import { Secrets } from './secrets.tsx';
import { Shipped } from './shipped.tsx';
import { Try } from './try.tsx';

const words = detectors;
const tabs = ['people', 'words', 'patterns', 'secrets', 'shipped', 'try'] as const;
type Tab = (typeof tabs)[number];
const isTab = (name: string | undefined): name is Tab => tabs.some((tab) => tab === name);

export type DetectorsPatch = Partial<Record<'tab' | 'q' | 'act' | 'of', string | undefined>>;

/** What texts are looked through for: what comes with the release, and what is ours alone. */
export function DetectorsPage() {
  const search = useSearch({ from: '/signed-in/detectors' });
  const navigate = useNavigate({ from: '/detectors' });
  const shipped = useQuery(queries.shippedDetectors()).data?.items;
  const patterns = useQuery(queries.patterns()).data?.items;
  const lists = useQuery(queries.knownLists()).data?.items;
  const secrets = useQuery(queries.registeredSecrets()).data?.items;
  const mayTry = useMay('detector.change');
  const set = useCallback(
    (patch: DetectorsPatch) =>
      void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false }),
    [navigate],
  );
  const tab = isTab(search.tab) ? search.tab : 'people';
  const isWhole =
    shipped !== undefined && patterns !== undefined && lists !== undefined && secrets !== undefined;
  return (
    <PageFrame
      tab={words.tab}
      title={
        isWhole
          ? words.title(
              shipped.length,
              patterns.filter(({ state }) => state === 'enabled').length,
              lists.reduce((sum, { entries }) => sum + entries, 0),
              secrets.length,
            )
          : words.tab
      }
      lead={words.lead}
    >
      <nav aria-label={words.tabs} className="flex flex-wrap gap-x-6 gap-y-2 border-b border-line">
        {tabs.map((name) =>
          name === 'try' && !mayTry ? null : (
            <Link
              key={name}
              to="/detectors"
              search={(previous) => ({ tz: previous.tz, tab: name })}
              aria-current={name === tab ? 'page' : undefined}
              className={`-mb-px border-b-2 py-2 no-underline ${name === tab ? 'border-act font-strong' : 'border-transparent text-soft'}`}
            >
              {words.tabNames[name]}
            </Link>
          ),
        )}
      </nav>
      {tab === 'people' || tab === 'words' ? (
        <Lists key={tab} kind={tab} act={search.act} of={search.of} onSet={set} />
      ) : null}
      {tab === 'patterns' ? <Patterns act={search.act} of={search.of} onSet={set} /> : null}
      {tab === 'secrets' ? <Secrets act={search.act} of={search.of} onSet={set} /> : null}
      {tab === 'shipped' ? <Shipped text={search.q} onSet={set} /> : null}
      {tab === 'try' ? <Try /> : null}
    </PageFrame>
  );
}
