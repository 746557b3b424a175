import { select } from 'd3-selection';
import { type ZoomBehavior, zoom, zoomIdentity } from 'd3-zoom';
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Chain } from '../api/chain-types.ts';
import { Button } from '../design/button.tsx';
import { map as words } from '../messages/pages/map.ts';
import { type Box, boxOf, darkWithout, layout, type Spot, US, WIDER } from './layout.ts';
import { nearTo } from './near.ts';
import { createPainter, type Painter } from './painter.ts';

const NARROW = '(max-width: 639px)';
/** Milliseconds that a flight takes; none where motion is not wanted. */
const FLIGHT_MS = 150;
const MOST_ENLARGED = 1.6;
/** Pixels that names need beside and below the outermost nodes. */
const BESIDE = 44;
const ABOVE = 26;

/**
 * The chain as a picture: dragged with a pointer, enlarged with buttons or with the wheel and Ctrl, so that the page still scrolls; a
 * click looks at one node and its neighbours. All of it stands in the table too, which is what a keyboard and a screen reader use.
 */
export function ChainPicture({
  chain,
  lost,
  focus,
  onFocus,
  onReset,
}: {
  chain: Pick<Chain, 'nodes' | 'edges'>;
  lost: string | null;
  focus: string | null;
  onFocus: (id: string | null) => void;
  onReset: () => void;
}) {
  const isNarrow = useMedia(NARROW);
  const drawn = useMemo(() => layout(chain, isNarrow ? 1 : WIDER), [chain, isNarrow]);
  const dark = useMemo(() => (lost === null ? null : darkWithout(lost, chain.edges)), [chain, lost]);
  const near = useMemo(() => (focus === null ? null : nearTo(focus, chain.edges)), [chain, focus]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const pointed = useRef<Spot | null>(null);
  const view = useRef(zoomIdentity);
  const behavior = useRef<ZoomBehavior<HTMLCanvasElement, unknown>>(null);
  const painter = useRef<Painter>(null);
  const flight = useRef(0);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const made = createPainter(element, drawn, { dark, lost, near, us: words.us });
    painter.current = made;
    const themes = new MutationObserver(made.onTheme);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const night = matchMedia('(prefers-color-scheme: dark)');
    night.addEventListener('change', made.onTheme);
    made.whole(view.current);
    // A canvas is not painted anew by itself once its letters have come.
    let isGone = false;
    if (document.fonts.status === 'loading') {
      void document.fonts.ready.then(() => (isGone ? undefined : made.whole(view.current)));
    }
    return () => {
      isGone = true;
      made.stop();
      themes.disconnect();
      night.removeEventListener('change', made.onTheme);
    };
  }, [drawn, dark, lost, near]);

  const box = useMemo(
    () => (near === null ? drawn.box : boxOf([...drawn.spots.values()].filter(({ id }) => near.ids.has(id)))),
    [drawn, near],
  );
  const shown = useRef(box);
  shown.current = box;

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const moving = zoom<HTMLCanvasElement, unknown>()
      .scaleExtent([0.05, 6])
      .filter((event: Event) =>
        event instanceof WheelEvent
          ? event.ctrlKey || event.metaKey
          : !('button' in event) || event.button === 0,
      )
      .on('zoom', ({ transform }) => {
        view.current = transform;
        painter.current?.moved(transform, pointed.current);
      })
      .on('end', () => painter.current?.whole(view.current));
    behavior.current = moving;
    const selected = select(element);
    selected.call(moving).on('dblclick.zoom', null);
    const fit = (): void => {
      const ratio = Math.min(2, devicePixelRatio);
      element.width = Math.round(element.clientWidth * ratio);
      element.height = Math.round(element.clientHeight * ratio);
      selected.call(moving.transform, around(shown.current, element));
    };
    const sizes = new ResizeObserver(fit);
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      selected.on('.zoom', null);
    };
  }, []);

  const fly = useCallback((to: Box): void => {
    const element = canvas.current;
    const moving = behavior.current;
    if (element === null || moving === null || element.width === 0) return;
    cancelAnimationFrame(flight.current);
    const [start, end] = [view.current, around(to, element)];
    const ms = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : FLIGHT_MS;
    const began = performance.now();
    const step = (now: number): void => {
      const part = ms === 0 ? 1 : Math.min(1, (now - began) / ms);
      const between = (from: number, until: number): number => from + (until - from) * (1 - (1 - part) ** 2);
      const next = zoomIdentity
        .translate(between(start.x, end.x), between(start.y, end.y))
        .scale(between(start.k, end.k));
      if (part === 1) {
        select(element).call(moving.transform, end);
        return;
      }
      view.current = next;
      painter.current?.moved(next, null);
      flight.current = requestAnimationFrame(step);
    };
    step(began);
  }, []);
  useEffect(() => fly(box), [fly, box]);
  useEffect(() => () => cancelAnimationFrame(flight.current), []);

  const scale = (by: number): void => {
    const element = canvas.current;
    if (element !== null) behavior.current?.scaleBy(select(element), by);
  };
  const at = (event: { nativeEvent: { offsetX: number; offsetY: number } }): Spot | null => {
    const [x, y] = view.current.invert([event.nativeEvent.offsetX, event.nativeEvent.offsetY]);
    return nearest(drawn.spots.values(), x, y, 6 / view.current.k);
  };
  const point = (spot: Spot | null): void => {
    if (spot === pointed.current) return;
    pointed.current = spot;
    painter.current?.moved(view.current, spot);
  };

  return (
    <figure className="overflow-hidden rounded-md border border-line bg-panel">
      <canvas
        ref={canvas}
        role="img"
        aria-label={words.picture(chain.nodes.length, chain.edges.length)}
        className="block h-[380px] w-full cursor-grab touch-pan-y active:cursor-grabbing sm:h-[600px]"
        onPointerMove={(event) => point(event.buttons === 0 ? at(event) : null)}
        onPointerLeave={() => point(null)}
        onClick={(event) => {
          const spot = at(event);
          onFocus(spot === null || spot.id === US || spot.id === focus ? null : spot.id);
        }}
      />
      <figcaption className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-t border-line px-3 py-2">
        <p className="max-w-[72ch] text-small text-soft">{words.key}</p>
        <div className="flex gap-2">
          <Button slim aria-label={words.closer} onClick={() => scale(1.4)}>
            +
          </Button>
          <Button slim aria-label={words.further} onClick={() => scale(1 / 1.4)}>
            −
          </Button>
          <Button
            slim
            onClick={() => {
              fly(drawn.box);
              onReset();
            }}
          >
            {words.reset}
          </Button>
        </div>
      </figcaption>
    </figure>
  );
}

/** What shows a box as large as there is room. */
function around(
  { left, top, right, bottom }: Box,
  { clientWidth: width, clientHeight: height }: HTMLElement,
) {
  const k = Math.min(
    MOST_ENLARGED,
    (width - 2 * BESIDE) / Math.max(1, right - left),
    (height - 2 * ABOVE) / Math.max(1, bottom - top),
  );
  return zoomIdentity
    .translate(width / 2, height / 2)
    .scale(k)
    .translate(-(left + right) / 2, -(top + bottom) / 2);
}

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (tell) => {
      const list = matchMedia(query);
      list.addEventListener('change', tell);
      return () => list.removeEventListener('change', tell);
    },
    () => matchMedia(query).matches,
  );
}

function nearest(spots: Iterable<Spot>, x: number, y: number, slack: number): Spot | null {
  let [best, distance] = [null as Spot | null, Number.POSITIVE_INFINITY];
  for (const spot of spots) {
    const away = Math.hypot(spot.x - x, spot.y - y) - spot.radius;
    if (away <= slack && away < distance) [best, distance] = [spot, away];
  }
  return best;
}
