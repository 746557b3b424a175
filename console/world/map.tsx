import { useMemo } from 'react';
import type { World } from '../api/residency-types.ts';
import { count } from '../design/format.ts';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { m } from '../messages/en.ts';
import { apart } from './apart.ts';
import { bow, height, lands, middles, width } from './geometry.ts';
import { placeName } from './names.ts';

type Spot = World['places'][number];

const isCountry = (place: string): boolean => place !== 'EU' && /^[A-Z]{2}$/.test(place);
export const isDrawn = (place: string): boolean => isCountry(place) && middles.has(place);

/** Beside the map: groups, edges and what is unknown stand on no country; some countries are too small to be seen. */
export function besideOf(world: World): Spot[] {
  return world.places.filter(({ place }) => !isDrawn(place));
}

function radius(vendors: number): number {
  return Math.min(18, 7 + Math.sqrt(vendors) * 2.2);
}

/** One shape for each verdict, so that no colour is needed to tell them apart. */
function Mark({ spot, x, y, isAffected }: { spot: Spot; x: number; y: number; isAffected: boolean }) {
  const r = radius(spot.vendors.length);
  const contradicts = spot.against > 0;
  const fill = spot.observed > 0 ? 'var(--ink)' : 'var(--panel)';
  const stroke = contradicts ? 'var(--alert)' : 'var(--ink)';
  const text = [
    placeName(spot.place),
    `${m.world.observed}: ${count(spot.observed)}`,
    `${m.world.declared}: ${count(spot.declared)}`,
    ...(contradicts ? [m.world.against(spot.against)] : []),
  ].join(', ');
  return (
    <g>
      <title>{text}</title>
      {isAffected ? (
        <circle
          cx={x}
          cy={y}
          r={r + 5}
          fill="none"
          stroke="var(--alert)"
          strokeWidth="2"
          strokeDasharray="2 3"
        />
      ) : null}
      {contradicts ? (
        <path
          d={`M${x},${y - r - 2}L${x + r + 2},${y + r}L${x - r - 2},${y + r}Z`}
          fill={spot.observed > 0 ? 'var(--alert)' : 'var(--panel)'}
          stroke={stroke}
          strokeWidth="2"
        />
      ) : (
        <circle cx={x} cy={y} r={r} fill={fill} stroke={stroke} strokeWidth="2" />
      )}
      <text
        x={x}
        y={y + (contradicts ? r / 2 : 0)}
        dy="0.35em"
        textAnchor="middle"
        fontSize="11"
        fill={spot.observed > 0 ? 'var(--panel)' : 'var(--ink)'}
      >
        {count(spot.vendors.length)}
      </text>
    </g>
  );
}

/** The world with what goes where. The table below it has the same content. `affected`: places that lose their basis. */
export function WorldMap({
  world,
  inArea,
  affected,
}: {
  world: World;
  inArea: ReadonlySet<string>;
  affected: ReadonlySet<string>;
}) {
  const drawn = world.places.filter(({ place }) => isDrawn(place));
  const home = world.home === null ? undefined : middles.get(world.home);
  const marks = useMemo(() => {
    const placed = world.places.flatMap((spot) => {
      const at = isDrawn(spot.place) ? middles.get(spot.place) : undefined;
      return at === undefined ? [] : [{ spot, x: at[0], y: at[1], r: radius(spot.vendors.length) + 2 }];
    });
    const own = world.home === null ? undefined : middles.get(world.home);
    return apart(placed, own === undefined ? [] : [{ x: own[0], y: own[1], r: 9 }]);
  }, [world]);
  const background = useMemo(
    () =>
      lands.map(({ code, path }) => (
        <path
          key={code}
          d={path}
          fill={inArea.has(code) ? 'var(--act-wash)' : 'var(--sunken)'}
          stroke="var(--line)"
          strokeWidth="0.7"
        />
      )),
    [inArea],
  );
  return (
    <ScrollRegion label={m.world.picture}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={m.world.mapLabel(drawn.length)}
        className="h-auto w-full min-w-[720px] rounded-md border border-line bg-panel"
      >
        {background}
        {home === undefined
          ? null
          : drawn.map((spot) => {
              const mark = marks.find((one) => one.spot === spot);
              if (mark === undefined || spot.place === world.home) return null;
              const to = [mark.x, mark.y] as const;
              return (
                <path
                  key={spot.place}
                  d={bow(home, to)}
                  fill="none"
                  stroke={affected.has(spot.place) ? 'var(--alert)' : 'var(--ink-soft)'}
                  strokeWidth={spot.observed > 0 ? 1.6 : 1.2}
                  strokeDasharray={spot.observed > 0 ? undefined : '5 4'}
                />
              );
            })}
        {home === undefined ? null : (
          <rect
            x={home[0] - 6}
            y={home[1] - 6}
            width="12"
            height="12"
            fill="var(--act)"
            stroke="var(--panel)"
            strokeWidth="2"
          >
            <title>{m.world.legendLines.home}</title>
          </rect>
        )}
        {marks.map(({ spot, x, y }) => (
          <Mark key={spot.place} spot={spot} x={x} y={y} isAffected={affected.has(spot.place)} />
        ))}
      </svg>
    </ScrollRegion>
  );
}

function Sample({ children }: { children: React.ReactNode }) {
  return (
    <svg viewBox="0 0 24 16" width="24" height="16" aria-hidden="true" className="inline-block align-middle">
      {children}
    </svg>
  );
}

export function Legend() {
  const { legendLines: lines, verdict } = m.world;
  return (
    <ul aria-label={m.world.legend} className="flex flex-wrap gap-x-6 gap-y-1 text-small text-soft">
      <li>
        <Sample>
          <circle cx="12" cy="8" r="6" fill="var(--ink)" />
        </Sample>{' '}
        {lines.observed}
      </li>
      <li>
        <Sample>
          <circle cx="12" cy="8" r="6" fill="var(--panel)" stroke="var(--ink)" strokeWidth="2" />
        </Sample>{' '}
        {lines.declared}
      </li>
      <li>
        <Sample>
          <path d="M12,1L20,15L4,15Z" fill="var(--alert)" />
        </Sample>{' '}
        {verdict.contradicts.text}
      </li>
      <li>
        <Sample>
          <circle
            cx="12"
            cy="8"
            r="6"
            fill="none"
            stroke="var(--alert)"
            strokeWidth="2"
            strokeDasharray="2 3"
          />
        </Sample>{' '}
        {lines.affected}
      </li>
      <li>
        <Sample>
          <rect x="6" y="2" width="12" height="12" fill="var(--act)" />
        </Sample>{' '}
        {lines.home}
      </li>
    </ul>
  );
}
