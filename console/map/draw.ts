import type { ChainLayer } from '../api/chain-types.ts';
import { type Drawn, type Spot, US } from './layout.ts';

/** The picture's inks, as the page has them by day or by night. */
export interface Inks {
  ink: string;
  soft: string;
  panel: string;
  act: string;
  alert: string;
  font: string;
}

export interface Look {
  inks: Inks;
  /** Who goes dark; null: nobody is lost. */
  dark: ReadonlySet<string> | null;
  lost: string | null;
  pointed: string | null;
  us: string;
}

/** Lengths of dash and gap: a layer is told by its line, not by its colour alone. */
export const dashes: Readonly<Record<ChainLayer, readonly number[]>> = {
  observed: [],
  declared: [7, 4],
  inferred: [2, 4],
};
/** Goes dark; is a link of ours. */
const looks = [
  [false, true],
  [false, false],
  [true, true],
  [true, false],
] as const;
const MANY = 200;
const order: readonly ChainLayer[] = ['inferred', 'declared', 'observed'];

/** Names are drawn of nodes that are at least so large on the screen, in pixels, and of those that are spoken of. */
const NAMED_FROM = 5;
const MOST_DARK_NAMED = 30;

export function draw(
  context: CanvasRenderingContext2D,
  { spots, lines }: Drawn,
  { k, x, y }: { k: number; x: number; y: number },
  ratio: number,
  look: Look,
): void {
  const { inks, dark } = look;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(ratio * k, 0, 0, ratio * k, ratio * x, ratio * y);
  const isDark = (spot: Spot): boolean => dark?.has(spot.id) === true;
  // A stroke for each line: thousands of lines in one path took ten times as long, since a path's crossings are sorted out.
  for (const layer of order) {
    context.setLineDash(dashes[layer].map((length) => length / k));
    context.lineWidth = (layer === 'observed' ? 1.5 : 1) / k;
    for (const [lit, ours] of looks) {
      context.strokeStyle = lit ? inks.alert : layer === 'observed' ? inks.act : inks.soft;
      // Ours all meet in one place: faint, else that is a blot.
      context.globalAlpha = lit ? 1 : dark !== null ? 0.15 : ours && lines.length > MANY ? 0.25 : 0.6;
      for (const { from, to, layer: own } of lines) {
        if (own !== layer || (from.id === US) !== ours) continue;
        if ((isDark(to) && (ours || isDark(from))) !== lit) continue;
        context.beginPath();
        context.moveTo(from.x, from.y);
        context.lineTo(to.x, to.y);
        context.stroke();
      }
    }
  }
  context.setLineDash([]);
  for (const spot of spots.values()) drawSpot(context, spot, k, look, isDark(spot));
  context.globalAlpha = 1;
}

/** One node alone, as it is drawn among all. */
export function drawSpot(
  context: CanvasRenderingContext2D,
  spot: Spot,
  k: number,
  { inks, dark, lost, pointed, us }: Look,
  isDark: boolean,
): void {
  const { x, y, radius } = spot;
  const isUs = spot.id === US;
  const isSpokenOf = spot.id === lost || spot.id === pointed;
  context.globalAlpha = dark === null || isDark || isUs || isSpokenOf ? 1 : 0.35;
  context.beginPath();
  // A shared one is a square: seen without colour.
  if (spot.shared) context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
  else context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = isUs ? inks.ink : isDark ? inks.alert : inks.panel;
  context.fill();
  const criticality = spot.node?.criticality;
  context.lineWidth = criticality === 'critical' ? 5 : criticality === 'important' ? 3.5 : 1.5;
  context.strokeStyle = isDark ? inks.alert : isSpokenOf ? inks.act : inks.ink;
  context.stroke();
  const isCrowd = (dark?.size ?? 0) > MOST_DARK_NAMED;
  if (!spot.landmark && !isSpokenOf && !(isDark && !isCrowd) && radius * k < NAMED_FROM) return;
  const size = 12 / k;
  context.font = `${isUs || isSpokenOf ? '600 ' : ''}${size}px ${inks.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  context.lineWidth = 3.5 / k;
  context.strokeStyle = inks.panel;
  const name = isUs ? us : spot.name.length > 24 ? `${spot.name.slice(0, 23)}…` : spot.name;
  context.strokeText(name, x, y + radius + 4);
  context.fillStyle = inks.ink;
  context.fillText(name, x, y + radius + 4);
}
