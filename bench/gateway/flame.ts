/** What V8's sampling profiler writes (`--cpu-prof`), as far as a flame picture needs it. Times in microseconds. */
export interface CpuProfile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string };
    children?: number[];
  }[];
  samples: number[];
  timeDeltas: number[];
}

interface Frame {
  name: string;
  room: string;
  micros: number;
  children: Map<string, Frame>;
}

const WIDTH = 1200;
const ROW = 16;
const HEAD = 56;
const LEAST = 1.5;
/** Where a frame belongs decides its colour: ours by plane and library, then Node's own, then the system. */
const rooms: [name: string, label: string, colour: string][] = [
  ['gateway', 'gateway/', '#2f6f9f'],
  ['libs', 'libs/, protocol/', '#4f9d8f'],
  ['node', 'Node: HTTP, streams, crypto', '#c9b458'],
  ['packages', 'packages', '#b07aa1'],
  ['system', 'V8 and system calls', '#a8a8a8'],
];

/**
 * The second half of a profile (the first is warming up) as an SVG: one box per function in its call path, as wide as
 * its share of the busy time. `title` stands above it. Frames narrower than a pixel and a half are left out.
 */
export function flamePicture(profile: CpuProfile, title: string): string {
  const root = merged(profile);
  const boxes: string[] = [];
  let deepest = 0;
  const draw = (frame: Frame, x: number, depth: number): void => {
    const width = (frame.micros / root.micros) * WIDTH;
    if (width < LEAST) return;
    deepest = Math.max(deepest, depth);
    if (depth > 0) boxes.push(box(frame, x, depth, width, root.micros));
    let at = x;
    const children = [...frame.children.values()].sort((a, b) => a.name.localeCompare(b.name));
    for (const child of children) {
      draw(child, at, depth + 1);
      at += (child.micros / root.micros) * WIDTH;
    }
  };
  draw(root, 0, 0);
  const height = HEAD + (deepest + 1) * ROW;
  const legend = rooms.map(
    ([, label, colour], index) =>
      `<rect x="${8 + index * 200}" y="30" width="10" height="10" fill="${colour}"/><text x="${22 + index * 200}" y="39">${escaped(label)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11" role="img">`,
    `<title>${escaped(title)}</title><rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="8" y="18" font-size="13" font-weight="bold">${escaped(title)}</text>`,
    ...legend,
    ...boxes,
    '</svg>',
    '',
  ].join('\n');
}

function box(frame: Frame, x: number, depth: number, width: number, all: number): string {
  const y = HEAD + depth * ROW;
  const colour = rooms.find(([name]) => name === frame.room)?.[2] ?? '#a8a8a8';
  const share = `${((frame.micros / all) * 100).toFixed(1)} %`;
  const letters = Math.floor((width - 6) / 6);
  const label =
    letters < 3 ? '' : frame.name.length > letters ? `${frame.name.slice(0, letters - 1)}…` : frame.name;
  const text = label === '' ? '' : `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escaped(label)}</text>`;
  return `<g><title>${escaped(frame.name)} ${share}</title><rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colour}" fill-opacity="0.75"/>${text}</g>`;
}

/** The call tree of the busy samples, with equal calls of one parent as one. */
function merged(profile: CpuProfile): Frame {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const root: Frame = { name: 'all', room: 'system', micros: 0, children: new Map() };
  const half = Math.floor(profile.samples.length / 2);
  for (let at = half; at < profile.samples.length; at++) {
    const micros = profile.timeDeltas[at] ?? 0;
    const path: { name: string; room: string }[] = [];
    for (let id = profile.samples[at]; id !== undefined; id = parents.get(id)) {
      const node = nodes.get(id);
      if (node !== undefined)
        path.push({ name: node.callFrame.functionName, room: roomOf(node.callFrame.url) });
    }
    if (path[0]?.name === '(idle)') continue;
    root.micros += micros;
    let frame = root;
    for (const { name, room } of path.reverse().slice(1)) {
      const key = `${room} ${name}`;
      let next = frame.children.get(key);
      if (next === undefined) {
        next = { name: name === '' ? '(anonymous)' : name, room, micros: 0, children: new Map() };
        frame.children.set(key, next);
      }
      next.micros += micros;
      frame = next;
    }
  }
  return root;
}

function roomOf(url: string): string {
  if (url === '') return 'system';
  if (url.startsWith('node:')) return 'node';
  if (url.includes('/node_modules/')) return 'packages';
  return url.includes('/gateway/') && !url.includes('/bench/') ? 'gateway' : 'libs';
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
