import type { Spot } from './layout.ts';

/** Pixels of the screen. */
const SIZE = 12;
const AIR = 5;
const CELL = 64;
/** Nodes smaller than this, in pixels, may lie under a name. */
const COVERED = 3.5;
/** How many names there may be where the picture is neither enlarged nor made smaller; by the square of that, as its area is. */
const NAMES = 170;

/** A name that has a place of its own: the middle of its upper edge, in pixels. */
interface Label {
  spot: Spot;
  text: string;
  x: number;
  top: number;
}

interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const LONGEST = 24;
export const shortName = (name: string): string =>
  name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;

/**
 * Which names are drawn and where: those of low rank first, below, above or beside their node, none over another or over a node that
 * one sees. So the nearer one looks, the more names there are.
 *
 * @param wanted nodes to name, in the order in which they are named
 * @param all nodes that are not to be covered
 * @param widthOf of a text of 12 px, in pixels
 */
export function placeLabels(
  wanted: readonly Spot[],
  all: Iterable<Spot>,
  { k, x, y }: { k: number; x: number; y: number },
  { width, height }: { width: number; height: number },
  widthOf: (text: string) => number,
): Label[] {
  const taken = createGrid();
  for (const spot of all) {
    const radius = spot.radius * k;
    if (radius < COVERED) continue;
    const [middle, centre] = [spot.x * k + x, spot.y * k + y];
    taken.add({
      left: middle - radius,
      top: centre - radius,
      right: middle + radius,
      bottom: centre + radius,
    });
  }
  const most = Math.max(8, NAMES * k * k);
  const labels: Label[] = [];
  for (const spot of wanted) {
    if (labels.length >= most) break;
    const [middle, centre] = [spot.x * k + x, spot.y * k + y];
    if (middle < 0 || middle > width || centre < 0 || centre > height) continue;
    const radius = spot.radius * k;
    const text = shortName(spot.name);
    const half = widthOf(text) / 2;
    const places = [
      [middle, centre + radius + 4],
      [middle, centre - radius - SIZE - 4],
      [middle + radius + half + 5, centre - SIZE / 2],
      [middle - radius - half - 5, centre - SIZE / 2],
    ] as const;
    const at = places.find(([left, top]) => taken.isFree(rectOf(left, top, half)));
    if (at === undefined) continue;
    taken.add(rectOf(at[0], at[1], half + AIR));
    labels.push({ spot, text, x: at[0], top: at[1] });
  }
  return labels;
}

const rectOf = (middle: number, top: number, half: number): Rect => ({
  left: middle - half,
  top,
  right: middle + half,
  bottom: top + SIZE + 2,
});

/** Rectangles, and whether another one has room among them. */
function createGrid() {
  const cells = new Map<string, Rect[]>();
  const cellsOf = ({ left, top, right, bottom }: Rect): string[] => {
    const found: string[] = [];
    for (let column = Math.floor(left / CELL); column <= Math.floor(right / CELL); column += 1) {
      for (let row = Math.floor(top / CELL); row <= Math.floor(bottom / CELL); row += 1) {
        found.push(`${column} ${row}`);
      }
    }
    return found;
  };
  return {
    isFree: (rect: Rect): boolean =>
      cellsOf(rect).every((cell) => (cells.get(cell) ?? []).every((other) => !overlap(rect, other))),
    add(rect: Rect): void {
      for (const cell of cellsOf(rect)) {
        const those = cells.get(cell);
        if (those === undefined) cells.set(cell, [rect]);
        else those.push(rect);
      }
    },
  };
}

const overlap = (a: Rect, b: Rect): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
