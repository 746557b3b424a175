import { select } from 'd3-selection';
import { type ZoomBehavior, zoom, zoomIdentity } from 'd3-zoom';
import { useEffect, useMemo, useRef } from 'react';
import type { Chain } from '../api/chain-types.ts';
import { Button } from '../design/button.tsx';
import { map as words } from '../messages/pages/map.ts';
import { darkWithout, layout, type Spot, US, WIDER } from './layout.ts';
import { createPainter, type Painter } from './painter.ts';

/**
 * The chain as a picture: dragged with a pointer, enlarged with buttons or with the wheel and Ctrl, so that the page still scrolls. All
 * of it stands in the table too, which is what a keyboard and a screen reader use.
 */
export function ChainPicture({
  chain,
  lost,
  onLose,
}: {
  chain: Pick<Chain, 'nodes' | 'edges'>;
  lost: string | null;
  onLose: (id: string | null) => void;
}) {
  const drawn = useMemo(() => layout(chain), [chain]);
  const dark = useMemo(() => (lost === null ? null : darkWithout(lost, chain.edges)), [chain, lost]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const pointed = useRef<Spot | null>(null);
  const view = useRef(zoomIdentity);
  const behavior = useRef<ZoomBehavior<HTMLCanvasElement, unknown>>(null);
  const painter = useRef<Painter>(null);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const made = createPainter(element, drawn, { dark, lost, us: words.us });
    painter.current = made;
    const themes = new MutationObserver(made.onTheme);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const night = matchMedia('(prefers-color-scheme: dark)');
    night.addEventListener('change', made.onTheme);
    made.whole(view.current);
    return () => {
      made.stop();
      themes.disconnect();
      night.removeEventListener('change', made.onTheme);
    };
  }, [drawn, dark, lost]);

  const { reach } = drawn;
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
      const { clientWidth: width, clientHeight: height } = element;
      const ratio = Math.min(2, devicePixelRatio);
      element.width = Math.round(width * ratio);
      element.height = Math.round(height * ratio);
      const k = Math.min(1.4, width / WIDER / (2 * reach), height / (2 * reach));
      selected.call(moving.transform, zoomIdentity.translate(width / 2, height / 2).scale(k));
    };
    const sizes = new ResizeObserver(fit);
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      selected.on('.zoom', null);
    };
  }, [reach]);

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
    <figure className="relative hidden overflow-hidden rounded-md border border-line bg-panel sm:block">
      <canvas
        ref={canvas}
        role="img"
        aria-label={words.picture(chain.nodes.length, chain.edges.length)}
        className="block h-[560px] w-full cursor-grab touch-pan-y active:cursor-grabbing"
        onPointerMove={(event) => point(event.buttons === 0 ? at(event) : null)}
        onPointerLeave={() => point(null)}
        onClick={(event) => {
          const spot = at(event);
          onLose(spot === null || spot.id === US || spot.id === lost ? null : spot.id);
        }}
      />
      <div className="absolute right-3 bottom-3 flex gap-2">
        <Button slim aria-label={words.closer} onClick={() => scale(1.4)}>
          +
        </Button>
        <Button slim aria-label={words.further} onClick={() => scale(1 / 1.4)}>
          −
        </Button>
      </div>
    </figure>
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
