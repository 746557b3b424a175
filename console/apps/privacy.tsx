import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { AppPrivacy } from '../api/privacy-types.ts';
import { queries } from '../api/queries.ts';
import { ButtonLink, NumberLink, TextLink } from '../design/button.tsx';
import { classLabel, isTreatment, treatmentOrder } from '../design/classes.ts';
import { count, day as dayName } from '../design/format.ts';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Empty, Note, Trouble } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Treatment } from '../design/treatment.tsx';
import { privacy } from '../messages/pages/privacy.ts';
import { PrivacyBars } from './privacy-bars.tsx';
import { dayAfter } from './privacy-sums.ts';

const words = privacy;
const from = '/signed-in/apps/$app/privacy';

/** What kinds of data an app's prompts carry over time. */
export function PrivacyPage() {
  const { app: id } = useParams({ from });
  const search = useSearch({ from });
  const days = search.days === '7' ? '7' : '30';
  const apps = useQuery(queries.apps());
  const carried = useQuery(queries.appPrivacy(id, days));
  const app = apps.data?.find((row) => row.id === id);
  const { data } = carried;
  if (app === undefined || data === undefined) {
    const error = apps.error ?? carried.error;
    const isNone = apps.data !== undefined && app === undefined;
    const rest = error ? <Trouble error={error} /> : <Bones lines={6} />;
    return (
      <PageFrame
        tab={words.tab(app?.name ?? '')}
        title={isNone ? words.noApp : words.tab(app?.name ?? '')}
        acts={isNone ? <ButtonLink to="/apps">{words.all}</ButtonLink> : null}
      >
        {isNone ? null : rest}
      </PageFrame>
    );
  }
  const kinds = new Set(data.items.map((item) => item.class)).size;
  const crossings = data.days.reduce((sum, one) => sum + one.crossings, 0);
  const title =
    crossings === 0
      ? words.titleNone(app.name, Number(days))
      : kinds === 0
        ? words.titleNothing(app.name, Number(days))
        : words.title(app.name, kinds, Number(days));
  return (
    <PageFrame
      tab={words.tab(app.name)}
      title={title}
      lead={words.lead}
      acts={
        <>
          <ButtonLink to="/apps/$app" params={{ app: id }}>
            {words.back(app.name)}
          </ButtonLink>
          <Range days={days} />
        </>
      }
    >
      {crossings === 0 ? (
        <Empty
          title={words.empty}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
          act={
            <ButtonLink to="/apps/$app" params={{ app: id }} weight="main">
              {words.seeKeys}
            </ButtonLink>
          }
        >
          {words.emptyLead}
        </Empty>
      ) : (
        <>
          <NotLooked of={data} />
          <Section title={words.kinds} lead={words.kindsLead}>
            <PrivacyBars app={id} of={data} />
          </Section>
          <ByDay app={id} of={data} />
        </>
      )}
    </PageFrame>
  );
}

function Range({ days }: { days: '7' | '30' }) {
  const navigate = useNavigate({ from: '/apps/$app/privacy' });
  return (
    <select
      aria-label={words.range}
      className="control control-slim"
      value={days}
      onChange={(event) =>
        void navigate({
          search: (previous) => ({ ...previous, days: event.target.value }),
          replace: true,
          resetScroll: false,
        })
      }
    >
      {Object.entries(words.ranges).map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

/** What nobody looked for is not known, and that is no good news. */
function NotLooked({ of: { connections } }: { of: AppPrivacy }) {
  const blind = connections.filter(({ notLooked }) => notLooked > 0);
  if (blind.length === 0) return null;
  const crossings = blind.reduce((sum, { notLooked }) => sum + notLooked, 0);
  return (
    <Note>
      <p>{words.unknown(crossings, blind.map(({ name }) => name).join(', '))}</p>
      <p>
        {words.unknownAct}{' '}
        {blind.map(({ id, name }, index) => (
          <span key={id}>
            {index === 0 ? '' : ', '}
            <TextLink to="/connections/$connection" params={{ connection: id }}>
              {words.contractOf(name)}
            </TextLink>
          </span>
        ))}
      </p>
    </Note>
  );
}

type Item = AppPrivacy['items'][number];

function ByDay({ app, of }: { app: string; of: AppPrivacy }) {
  const rows = useMemo(() => [...of.items].reverse(), [of.items]);
  const columns = useMemo((): readonly Column<Item>[] => columnsOf(app), [app]);
  return (
    <Section title={words.table}>
      <DataTable
        label={words.table}
        csvName="privacy"
        columns={columns}
        rows={rows}
        rowId={(item) => `${item.day} ${item.class} ${item.treatment}`}
        empty={<p className="text-soft">{words.nothingFound}</p>}
      />
    </Section>
  );
}

function columnsOf(app: string): readonly Column<Item>[] {
  return [
    {
      id: 'day',
      head: words.day,
      fixed: true,
      phone: true,
      width: '110px',
      phoneWidth: '72px',
      sort: (item) => item.day,
      csv: (item) => item.day,
      cell: (item) => <time dateTime={item.day}>{dayName(item.day)}</time>,
    },
    {
      id: 'kind',
      head: words.kind,
      fixed: true,
      phone: true,
      sort: (item) => classLabel(item.class),
      csv: (item) => item.class,
      cell: (item) => <span title={classLabel(item.class)}>{classLabel(item.class)}</span>,
    },
    {
      id: 'treatment',
      head: words.treatment,
      phone: true,
      width: '26%',
      phoneWidth: '36%',
      sort: (item) => (isTreatment(item.treatment) ? treatmentOrder(item.treatment) : 99),
      csv: (item) => item.treatment,
      cell: (item) =>
        isTreatment(item.treatment) ? <Treatment treatment={item.treatment} /> : item.treatment,
    },
    {
      id: 'crossings',
      head: words.crossings,
      fixed: true,
      phone: true,
      numeric: true,
      width: '120px',
      phoneWidth: '84px',
      sort: (item) => item.crossings,
      csv: (item) => item.crossings,
      cell: (item) => (
        <NumberLink
          to="/crossings"
          search={{
            app,
            class: item.class,
            treatment: item.treatment,
            from: item.day,
            to: dayAfter(item.day),
          }}
          label={words.show(item.crossings, classLabel(item.class), dayName(item.day))}
        >
          {count(item.crossings)}
        </NumberLink>
      ),
    },
  ];
}
