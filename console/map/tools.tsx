import { useMutation, useQuery } from '@tanstack/react-query';
import type { ChainLayer } from '../api/chain-types.ts';
import { readText } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { exact } from '../design/format.ts';
import { saveAs } from '../design/save.ts';
import { Trouble } from '../design/state.tsx';
import { useZone } from '../design/time.tsx';
import { map as words } from '../messages/pages/map.ts';
import { dashes } from './draw.ts';

const layers: readonly ChainLayer[] = ['observed', 'declared', 'inferred'];

/** Which layers are shown; each with the line that it is drawn with. At least one stays. */
export function Layers({
  shown,
  onChange,
}: {
  shown: readonly string[];
  onChange: (shown: ChainLayer[]) => void;
}) {
  return (
    <fieldset className="flex flex-wrap gap-x-5 gap-y-1">
      <legend className="text-small text-soft">{words.layersLabel}</legend>
      {layers.map((layer) => (
        <label key={layer} className="flex min-h-8 items-center gap-2">
          <input
            type="checkbox"
            checked={shown.includes(layer)}
            disabled={shown.length === 1 && shown.includes(layer)}
            onChange={({ target }) =>
              onChange(layers.filter((one) => (one === layer ? target.checked : shown.includes(one))))
            }
          />
          <svg
            width="28"
            height="8"
            aria-hidden="true"
            className={layer === 'observed' ? 'text-act' : 'text-soft'}
          >
            <line
              x1="0"
              x2="28"
              y1="4"
              y2="4"
              stroke="currentColor"
              strokeWidth="2"
              strokeDasharray={dashes[layer].join(' ')}
            />
          </svg>
          {words.layers[layer]}
        </label>
      ))}
    </fieldset>
  );
}

/** The moments at which the chain changed, the last of them now. */
export function Times({
  at,
  onChange,
}: {
  at: string | undefined;
  onChange: (at: string | undefined) => void;
}) {
  const changes = useQuery(queries.chainChanges());
  const zone = useZone();
  const items = changes.data?.items ?? [];
  if (items.length < 2) return null;
  const found = at === undefined ? -1 : items.findLastIndex((one) => one.at <= at);
  const place = at === undefined || found < 0 ? items.length : found;
  const here = items[place];
  const text =
    here === undefined ? words.now : `${exact(here.at, zone)}: ${words.changed(here.began, here.ended)}`;
  return (
    <label className="flex min-w-0 flex-1 basis-[280px] flex-col gap-0.5 sm:max-w-[480px]">
      <span className="text-small text-soft">
        {words.time}: <span className="text-ink">{text}</span>
      </span>
      <input
        type="range"
        className="h-8 w-full accent-[var(--act)]"
        min={0}
        max={items.length}
        value={place}
        aria-valuetext={text}
        onChange={({ target }) => onChange(items[Number(target.value)]?.at)}
      />
    </label>
  );
}

const kinds = [
  { name: words.exports.cdx, path: '/chain/export.cdx.json', file: 'chain.cdx.json' },
  { name: words.exports.csv, path: '/chain/export.csv', file: 'chain.csv' },
  { name: words.exports.json, path: '/chain/export', file: 'chain.json' },
] as const;

/** Files of the chain, as it is shown; the JSON holds every link there is or was. */
export function Exports({ at }: { at: string | undefined }) {
  const save = useMutation({
    mutationFn: async ({ path, file }: (typeof kinds)[number]) => {
      const query = at === undefined || path === '/chain/export' ? '' : `?at=${encodeURIComponent(at)}`;
      saveAs(file, [await readText(`${path}${query}`, AbortSignal.timeout(60_000))]);
    },
  });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="text-soft">{words.exportLabel}</span>
      {kinds.map((kind) => (
        <Button key={kind.file} slim disabled={save.isPending} onClick={() => save.mutate(kind)}>
          {kind.name}
        </Button>
      ))}
      {save.error ? <Trouble error={save.error} /> : null}
    </div>
  );
}
