import type { PassResult } from '../metrics/result.ts';
import { html, type Markup } from './markup.ts';

/** A dot per person, in rows, those about whom most is known first. */

const PITCH = 8;

interface Run {
  facts: number;
  reachable: boolean;
  people: number;
}

function runsOf(pass: PassResult): Run[] {
  return pass.factsPerPerson
    .toReversed()
    .flatMap(({ facts, people, reachable }) => [
      { facts, reachable: true, people: reachable },
      { facts, reachable: false, people: people - reachable },
    ])
    .filter((run) => run.people > 0);
}

/** Rectangles, in dots, that cover a run of dots which begins at `from`, row by row. */
export function runRectangles(
  from: number,
  length: number,
  columns: number,
): { x: number; y: number; width: number; height: number }[] {
  const out: { x: number; y: number; width: number; height: number }[] = [];
  let at = from;
  let left = length;
  while (left > 0) {
    const x = at % columns;
    const y = Math.floor(at / columns);
    const whole = x === 0 && left >= columns;
    const height = whole ? Math.floor(left / columns) : 1;
    const width = whole ? columns : Math.min(columns - x, left);
    out.push({ x, y, width, height });
    at += width * height;
    left -= width * height;
  }
  return out;
}

/** The picture of one pass. `id` keeps its patterns apart from those of another on the page. */
export function crowd(pass: PassResult, id: string, title: string, columns: number): Markup {
  const runs = runsOf(pass);
  const rows = Math.max(1, Math.ceil(pass.people / columns));
  let from = 0;
  const patterns: Markup[] = [];
  const shapes: Markup[] = [];
  for (const [index, run] of runs.entries()) {
    const name = `${id}-${index}`;
    const radius = (1 + 2.6 * (run.facts / 15)).toFixed(2);
    const kind = run.reachable ? 'reachable' : 'unreachable';
    patterns.push(
      html`<pattern id="${name}" width="${PITCH}" height="${PITCH}" patternUnits="userSpaceOnUse"><circle class="${kind}" cx="${PITCH / 2}" cy="${PITCH / 2}" r="${radius}"/></pattern>`,
    );
    for (const { x, y, width, height } of runRectangles(from, run.people, columns)) {
      shapes.push(
        html`<rect x="${x * PITCH}" y="${y * PITCH}" width="${width * PITCH}" height="${height * PITCH}" fill="url(#${name})"/>`,
      );
    }
    from += run.people;
  }
  return html`<svg viewBox="0 0 ${columns * PITCH} ${rows * PITCH}" role="img" aria-label="${title}"><defs>${patterns}</defs>${shapes}</svg>`;
}

/** Columns that make a crowd of this size a little wider than high. */
export function crowdColumns(people: number): number {
  return Math.max(10, Math.ceil(Math.sqrt(people * 1.25)));
}
