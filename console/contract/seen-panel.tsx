import type { ContractDocument } from '@drawbridge/protocol/contract';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { SeenField, SeenShapes, ServiceDetail } from '../api/types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { TreatmentMark } from '../design/treatment.tsx';
import { Way } from '../design/way.tsx';
import { m } from '../messages/en.ts';
import { previewKeyed } from './keyed.ts';
import { type SeenEndpoint, type SeenRow, seenUnder } from './seen.ts';

const words = m.seen;

/** Whether there is something to set side by side. */
export function somethingSeen(shapes: SeenShapes): boolean {
  return shapes.endpoints.some(({ fields }) => fields.length > 0);
}

/** What crossed of this connection lately, and what the vendor would get from it under the rules that are edited. */
export function SeenPanel({
  connection,
  service,
  answer,
  inForce,
  rules,
}: {
  connection: string;
  service: ServiceDetail;
  answer: UseQueryResult<SeenShapes>;
  inForce: ContractDocument;
  rules: ContractDocument;
}) {
  const shapes = answer.data;
  // One set of secrets: a pseudonym stays what it is while rules are edited.
  const [keyed] = useState(previewKeyed);
  const [onlyChanged, setOnlyChanged] = useState(false);
  const seen = useMemo(
    () => (shapes === undefined ? [] : seenUnder(service, shapes, inForce, rules, keyed)),
    [service, shapes, inForce, rules, keyed],
  );
  const changed = seen.flatMap(({ rows }) => rows).filter(({ change }) => change !== 'same').length;
  const narrowed = onlyChanged && changed > 0;
  const again = () => void answer.refetch();
  if (shapes === undefined) {
    return answer.error ? <Trouble error={answer.error} onRetry={again} /> : <Bones lines={6} />;
  }
  if (shapes.crossings === 0) return <Note>{words.nothing}</Note>;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-2">
        <p>
          {words.from(shapes.crossings)} <Ago at={shapes.since} /> {words.to} <Ago at={shapes.latest} />.{' '}
          <span role="status" className={changed === 0 ? '' : 'font-strong'}>
            {words.differs(changed)}
          </span>
        </p>
        <Button slim onClick={again} disabled={answer.isFetching}>
          {words.again}
        </Button>
        {changed === 0 ? null : (
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={onlyChanged}
              onChange={(event) => setOnlyChanged(event.target.checked)}
            />
            {words.onlyChanged}
          </label>
        )}
      </div>
      <Refused seen={seen} />
      {somethingSeen(shapes) ? (
        <ScrollRegion
          label={words.choice}
          className="max-h-[560px] rounded-md border border-line bg-panel px-3 pb-3"
        >
          {seen.map((endpoint) => (
            <Endpoint
              key={endpoint.endpoint}
              endpoint={narrowed ? changedOf(endpoint) : endpoint}
              vendor={service.name}
              connection={connection}
              shapes={shapes}
            />
          ))}
        </ScrollRegion>
      ) : (
        <Note>{words.unreadable}</Note>
      )}
      <Limits shapes={shapes} />
    </div>
  );
}

function changedOf(endpoint: SeenEndpoint): SeenEndpoint {
  return { ...endpoint, rows: endpoint.rows.filter(({ change }) => change !== 'same') };
}

function Refused({ seen }: { seen: readonly SeenEndpoint[] }) {
  const refused = seen.flatMap(({ rows }) => rows).filter(({ would }) => would === 'refuse');
  if (refused.length === 0) return null;
  const names = [...new Set(refused.map(({ field }) => classLabel(field.class)))];
  return <Note urgent>{words.refused(names.join(', '))}</Note>;
}

/** What the view does not cover, and why. */
function Limits({ shapes }: { shapes: SeenShapes }) {
  const { erased, missing, unread } = shapes.items;
  const said = [
    words.madeUp,
    shapes.lifted === 0 ? '' : words.lifted(shapes.lifted),
    erased === 0 ? '' : words.erased(erased),
    missing === 0 ? '' : words.missing(missing),
    unread === 0 ? '' : words.unread(unread),
    shapes.leftOff === 0 ? '' : words.leftOff(shapes.leftOff),
  ];
  return <p className="text-small text-soft">{said.filter(Boolean).join(' ')}</p>;
}

interface Around {
  connection: string;
  shapes: SeenShapes;
  endpoint: string;
}

function Endpoint({
  endpoint,
  vendor,
  connection,
  shapes,
}: {
  endpoint: SeenEndpoint;
  vendor: string;
  connection: string;
  shapes: SeenShapes;
}) {
  if (endpoint.rows.length === 0) return null;
  const around = { connection, shapes, endpoint: endpoint.endpoint };
  return (
    <table
      aria-label={words.table(endpoint.endpoint)}
      className="mt-3 w-full table-fixed border-collapse text-left"
    >
      <caption className="pb-1 text-left">
        <span className="font-mono text-small font-strong">{endpoint.endpoint}</span>{' '}
        <span className="text-small text-soft">{words.endpoint(endpoint.crossings)}</span>
      </caption>
      <thead>
        <tr className="border-b border-line-strong text-small text-soft">
          <th scope="col" className="py-1 font-normal">
            {words.sent}
          </th>
          <th scope="col" className="w-10 font-normal sm:w-48">
            <span className="sr-only">{m.vendors.treatment}</span>
          </th>
          <th scope="col" className="w-[40%] py-1 pl-3 font-normal">
            {words.gets(vendor)}
          </th>
        </tr>
      </thead>
      <tbody>
        {endpoint.rows.map((row) => (
          <Row
            key={`${row.field.path} ${row.field.class} ${row.field.shape} ${row.field.treatment}`}
            row={row}
            around={around}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row, around }: { row: SeenRow; around: Around }) {
  const { field } = row;
  return (
    <tr className={`border-b border-line align-top ${row.change === 'same' ? '' : 'bg-act-wash'}`}>
      <td className="py-1.5 pr-2 break-words">
        <span className="font-mono text-small">{nameOf(field)}</span>{' '}
        <span className="text-small text-soft">{classLabel(field.class)}</span>
        <code className="block font-mono text-small break-words">{row.sent}</code>
        <span className="block text-small text-soft">
          {m.crossings.one.shapes[field.shape] ?? field.shape}, <Behind field={field} around={around} />
          {row.unmapped ? (
            <>
              {' '}
              {words.unmapped}{' '}
              {field.waiting ? (
                <TextLink to="/review" search={{ connection: around.connection }}>
                  {words.review}
                </TextLink>
              ) : null}
            </>
          ) : null}
        </span>
      </td>
      <td className="pt-2">
        <Way treatment={row.would} />
      </td>
      <td className="py-1.5 pl-3 break-words">
        {row.got === null ? (
          <span className="text-soft">{words.nothingSent}</span>
        ) : (
          <code
            data-treatment={row.would}
            className={`font-mono text-small ${row.would === 'pass' ? '' : 'treated-value'}`}
          >
            {row.got}
          </code>
        )}
        <Change row={row} />
      </td>
    </tr>
  );
}

/** A hidden name is told from others by the beginning of its hash. */
function nameOf(field: SeenField): string {
  if (!field.path.startsWith('#')) return field.path;
  return field.name ?? `${words.hidden} ${field.path.slice(0, 7)}`;
}

/** The crossings behind a row. */
function Behind({ field, around }: { field: SeenField; around: Around }) {
  const { since, latest } = around.shapes;
  const search = {
    connection: around.connection,
    endpoint: around.endpoint,
    class: field.class,
    treatment: field.treatment,
    decision: 'forwarded',
    ...(since === null ? {} : { from: since }),
    ...(latest === null ? {} : { to: new Date(Date.parse(latest) + 1).toISOString() }),
  };
  return (
    <Link
      to="/crossings"
      search={search}
      className="number-link"
      aria-label={words.open(field.crossings, nameOf(field))}
    >
      {words.in(field.crossings)}
    </Link>
  );
}

function Change({ row }: { row: SeenRow }) {
  if (row.change === 'same') return null;
  const now = m.treatment[row.field.treatment].got;
  return (
    <span className="block text-small font-strong">
      <TreatmentMark treatment={row.field.treatment} />{' '}
      {row.change === 'treatment'
        ? words.change.treatment(now, m.treatment[row.would].got)
        : words.change[row.change](now)}
    </span>
  );
}
