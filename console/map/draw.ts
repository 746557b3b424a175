import type { ChainLayer } from '../api/chain-types.ts';
import { placeLabels, shortName } from './labels.ts';
import { type Drawn, type Line, type Spot, US } from './layout.ts';
import { type Near, pairOf } from './near.ts';

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
  /** One that is looked at with its neighbours, everybody else faded; null: all are shown alike. */
  near: Near | null;
  pointed: string | null;
  us: string;
}

/** How much the picture is enlarged, and where its middle is, in pixels of the page. */
export interface View {
  k: number;
  x: number;
  y: number;
}

/** Lengths of dash and gap: a layer is told by its line, not by its colour alone. */
export const dashes: Readonly<Record<ChainLayer, readonly number[]>> = {
  observed: [],
  declared: [7, 4],
  inferred: [2, 4],
};
const MANY = 200;
const order: readonly ChainLayer[] = ['inferred', 'declared', 'observed'];
/** Nodes smaller than this, in pixels, are dots: an edge around each would be all that one sees. */
const DOT = 4.5;
/** Enlarged so much, links of a large chain are drawn as those of a small one. */
const CLOSE = 1.2;

/** How strongly each line is drawn, from 0 to 1, and whether it is lit. The same for lines in one go. */
function strengthOf(
  line: Line,
  k: number,
  many: boolean,
  { near, dark }: Look,
): { alpha: number; lit: boolean } {
  const ours = line.from.id === US;
  if (near !== null) return { alpha: near.pairs.has(pairOf(line.from.id, line.to.id)) ? 0.9 : 0, lit: false };
  if (dark !== null) {
    const lit = dark.has(line.to.id) && (ours || dark.has(line.from.id));
    return { alpha: lit ? (many ? 0.55 : 1) : many ? 0.03 : 0.15, lit };
  }
  if (!many) return { alpha: 0.7, lit: false };
  const closeness = Math.min(1, k / CLOSE) ** 1.5;
  if (ours) return { alpha: 0.14 + 0.2 * closeness, lit: false };
  return { alpha: line.spine ? 0.34 + 0.26 * closeness : 0.035 + 0.4 * closeness, lit: false };
}

export function draw(
  context: CanvasRenderingContext2D,
  drawn: Drawn,
  view: View,
  ratio: number,
  look: Look,
): void {
  const { spots, lines } = drawn;
  const { k, x, y } = view;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(ratio * k, 0, 0, ratio * k, ratio * x, ratio * y);
  drawLines(context, lines, k, look);
  const shown = [...spots.values()].toSorted((a, b) => b.rank - a.rank);
  for (const spot of shown) drawSpot(context, spot, k, look);
  context.font = `12px ${look.inks.font}`;
  const first = (spot: Spot): number => (spot.id === US || isSpokenOf(spot, look) ? 0 : 1);
  const named = shown
    .filter((spot) => !isFaded(spot, look))
    .map((spot) => (spot.id === US ? { ...spot, name: look.us } : spot))
    .sort((a, b) => first(a) - first(b) || a.rank - b.rank);
  // The sheet is larger than what is in sight; no name is lost at its edge.
  const size = { width: context.canvas.width / ratio, height: context.canvas.height / ratio };
  const unfaded = [...spots.values()].filter((spot) => !isFaded(spot, look));
  const widthOf = (text: string): number => context.measureText(text).width;
  for (const label of placeLabels(named, unfaded, view, size, widthOf)) {
    drawName(
      context,
      label.spot,
      label.text,
      { x: (label.x - x) / k, top: (label.top - y) / k },
      k,
      look,
      first(label.spot) === 0,
    );
  }
  context.globalAlpha = 1;
}

function drawLines(context: CanvasRenderingContext2D, lines: readonly Line[], k: number, look: Look): void {
  const { inks } = look;
  const many = lines.length > MANY;
  // A stroke for each line: thousands of lines in one path took ten times as long, since a path's crossings are sorted out.
  for (const layer of order) {
    context.setLineDash(dashes[layer].map((length) => length / k));
    for (const line of lines) {
      if (line.layer !== layer) continue;
      const { alpha, lit } = strengthOf(line, k, many, look);
      if (alpha === 0) continue;
      context.globalAlpha = alpha;
      context.lineWidth = (layer === 'observed' && (!many || look.near !== null) ? 1.5 : 1) / k;
      context.strokeStyle = lit ? inks.alert : layer === 'observed' ? inks.act : inks.soft;
      context.beginPath();
      context.moveTo(line.from.x, line.from.y);
      context.lineTo(line.to.x, line.to.y);
      context.stroke();
    }
  }
  context.setLineDash([]);
}

/** Whether others are spoken of, and not this one. */
function isFaded(spot: Spot, { near, dark, lost, pointed }: Look): boolean {
  if (spot.id === US || spot.id === lost || spot.id === pointed) return false;
  if (near !== null) return !near.ids.has(spot.id);
  return dark !== null && !dark.has(spot.id);
}

const isSpokenOf = ({ id }: Spot, { lost, pointed, near }: Look): boolean =>
  id === lost || id === pointed || id === near?.id;

/** One node alone, without its name. */
function drawSpot(context: CanvasRenderingContext2D, spot: Spot, k: number, look: Look): void {
  const { inks, dark } = look;
  const { x, y } = spot;
  const isUs = spot.id === US;
  const isDark = dark?.has(spot.id) === true;
  const spoken = isSpokenOf(spot, look);
  const faded = isFaded(spot, look);
  const isDot = spot.radius * k < DOT && !isUs && !spoken;
  const criticality = spot.node?.criticality;
  const matters = criticality === 'critical' || criticality === 'important';
  const radius = isDot && !matters ? spot.radius * 0.75 : spot.radius;
  context.globalAlpha = faded ? 0.16 : 1;
  context.beginPath();
  // A shared one is a square: seen without colour.
  if (spot.shared) context.rect(x - radius * 0.9, y - radius * 0.9, 1.8 * radius, 1.8 * radius);
  else context.arc(x, y, radius, 0, 2 * Math.PI);
  if (isDot) {
    context.fillStyle = isDark ? inks.alert : matters ? inks.ink : inks.soft;
    context.fill();
    return;
  }
  context.fillStyle = isUs ? inks.ink : isDark ? inks.alert : inks.panel;
  context.fill();
  const width = criticality === 'critical' ? 3.5 : criticality === 'important' ? 2.5 : 1.25;
  // In pixels, and never so thick that a small node is all edge.
  context.lineWidth = Math.min((spoken ? width + 1 : width) / k, spot.radius * 0.28);
  context.strokeStyle = isDark ? inks.alert : spoken ? inks.act : inks.ink;
  context.stroke();
}

/** The name of a node, at the middle of its upper edge. */
function drawName(
  context: CanvasRenderingContext2D,
  spot: Spot,
  text: string,
  { x, top }: { x: number; top: number },
  k: number,
  { inks }: Look,
  isStrong: boolean,
): void {
  context.globalAlpha = 1;
  context.font = `${spot.id === US || isStrong ? '600 ' : ''}${12 / k}px ${inks.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  context.lineJoin = 'round';
  context.lineWidth = 3.5 / k;
  context.strokeStyle = inks.panel;
  context.strokeText(text, x, top);
  context.fillStyle = inks.ink;
  context.fillText(text, x, top);
}

/** The node under the pointer: it comes forward with its links and its name, whatever is around it. */
export function drawPointed(
  context: CanvasRenderingContext2D,
  spot: Spot,
  touching: readonly Line[],
  k: number,
  look: Look,
): void {
  for (const { from, to, layer } of touching) {
    context.setLineDash(dashes[layer].map((length) => length / k));
    context.globalAlpha = 0.9;
    context.lineWidth = 1.5 / k;
    context.strokeStyle = layer === 'observed' ? look.inks.act : look.inks.soft;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
  context.setLineDash([]);
  for (const { from, to } of touching) {
    drawSpot(context, from.id === spot.id ? to : from, k, { ...look, near: null });
  }
  drawSpot(context, spot, k, look);
  const name = spot.id === US ? look.us : shortName(spot.name);
  drawName(context, spot, name, { x: spot.x, top: spot.y + spot.radius + 4 / k }, k, look, true);
}
