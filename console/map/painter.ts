import { draw, drawPointed, type Inks, type Look, type View } from './draw.ts';
import type { Drawn, Line, Spot } from './layout.ts';

/** How much larger than what is in sight the painted sheet is: so far it is dragged before its edge shows. */
const SHEET = 2;

/**
 * Paints a chain onto a sheet that is larger than what is in sight; while it is dragged or enlarged the sheet alone is moved, which takes a
 * thousandth of painting it, and it is painted anew when the hand rests.
 */
export function createPainter(
  element: HTMLCanvasElement,
  drawn: Drawn,
  about: Pick<Look, 'dark' | 'lost' | 'near' | 'us'>,
) {
  const sheet = document.createElement('canvas');
  let inks = inksOf(element);
  let painted: View | null = null;
  let current: View = { k: 1, x: 0, y: 0 };
  let spot: Spot | null = null;
  let isStale = true;
  let frame = 0;
  const linesAt = new Map<string, Line[]>();
  const touching = ({ id }: Spot): Line[] => {
    const found = linesAt.get(id) ?? drawn.lines.filter(({ from, to }) => from.id === id || to.id === id);
    linesAt.set(id, found);
    return found;
  };

  const ratioOf = (): number => element.width / Math.max(1, element.clientWidth);
  function paintSheet(ratio: number): View {
    const context = sheet.getContext('2d');
    sheet.width = element.width * SHEET;
    sheet.height = element.height * SHEET;
    const aside = (SHEET - 1) / 2;
    const { k } = current;
    const x = current.x + element.clientWidth * aside;
    const y = current.y + element.clientHeight * aside;
    if (context !== null) draw(context, drawn, { k, x, y }, ratio, { ...about, inks, pointed: null });
    return { ...current };
  }

  function show(): void {
    frame = 0;
    const context = element.getContext('2d');
    if (context === null || element.width === 0) return;
    const ratio = ratioOf();
    if (isStale || painted === null) {
      painted = paintSheet(ratio);
      isStale = false;
    }
    const scale = current.k / painted.k;
    const aside = (SHEET - 1) / 2;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, element.width, element.height);
    const left = ratio * (current.x - scale * painted.x) - scale * element.width * aside;
    const top = ratio * (current.y - scale * painted.y) - scale * element.height * aside;
    context.drawImage(sheet, left, top, sheet.width * scale, sheet.height * scale);
    if (spot === null) return;
    const { k, x, y } = current;
    context.setTransform(ratio * k, 0, 0, ratio * k, ratio * x, ratio * y);
    drawPointed(context, spot, touching(spot), k, { ...about, inks, pointed: spot.id });
  }
  const ask = (): void => {
    if (frame === 0) frame = requestAnimationFrame(show);
  };

  return {
    /** The view or the node under the pointer is another one. */
    moved(view: View, pointed: Spot | null): void {
      current = { k: view.k, x: view.x, y: view.y };
      spot = pointed;
      ask();
    },
    /** All of it anew, as sharp as the screen is. */
    whole(view: View): void {
      current = { k: view.k, x: view.x, y: view.y };
      isStale = true;
      ask();
    },
    onTheme(): void {
      inks = inksOf(element);
      isStale = true;
      ask();
    },
    stop: () => cancelAnimationFrame(frame),
  };
}
export type Painter = ReturnType<typeof createPainter>;

/** A canvas knows no variables of style sheets: their values are read when the theme changes. */
function inksOf(element: HTMLElement): Inks {
  const probe = document.createElement('span');
  element.parentElement?.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const inks = {
    ink: colour('--ink'),
    soft: colour('--ink-soft'),
    panel: colour('--panel'),
    act: colour('--act'),
    alert: colour('--alert'),
    font: getComputedStyle(element).fontFamily,
  };
  probe.remove();
  return inks;
}
