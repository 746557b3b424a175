import type { ReactNode } from 'react';
import { m } from '../messages/en.ts';
import type { LitPath, LitStep } from './entry-checking.ts';

const words = m.audit.one;

/** Pixels: a row of boxes, and the room for lines above it. */
const boxHeight = 36;
const rowHeight = 60;
/** Percent of the width: the middles of the left and the right lane, and of the root. */
const lanes = { left: 26, right: 74 } as const;
const middle = 50;

const shortHash = (hash: string): string => `${hash.slice(0, 8)}…`;

/** The Merkle path: the entry below, the signed root above, the way between them lit, and what it is joined with. */
export function ProofTree({ lit }: { lit: LitPath }) {
  const { steps } = lit;
  const rows = steps.length;
  const height = rows * rowHeight + boxHeight;
  /** Where the row of a step begins, from above: the last step is just below the root. */
  const topOf = (step: number): number => (rows - step) * rowHeight;
  const color = lit.fits ? 'var(--act)' : 'var(--alert)';
  return (
    <figure className="flex flex-col gap-3">
      <div className="relative max-w-[640px]" style={{ height }} aria-hidden="true">
        <svg
          className="absolute inset-0 size-full"
          viewBox={`0 0 100 ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {steps.map((step, at) => {
            const above = steps[at + 1];
            const [x, y] = [above === undefined ? middle : lanes[above.side], topOf(at + 1) + boxHeight];
            return (
              <g key={`${step.node.from}-${step.node.to}`} fill="none">
                <Line from={[other(step), topOf(at)]} to={[x, y]} color="var(--line-strong)" width={1} />
                <Line from={[lanes[step.side], topOf(at)]} to={[x, y]} color={color} width={3} />
              </g>
            );
          })}
        </svg>
        {steps.map((step, at) => (
          <div key={`${step.node.from}-${step.node.to}`}>
            <Box x={lanes[step.side]} top={topOf(at)} look={lit.fits ? 'lit' : 'wrong'}>
              {at === 0 ? words.entry(lit.index) : words.span(step.node.from, step.node.to)}
              <Hash hash={step.hash} />
            </Box>
            <Box x={other(step)} top={topOf(at)} look="beside">
              {words.span(step.sibling.from, step.sibling.to)}
              <Hash hash={step.siblingHash} />
            </Box>
          </div>
        ))}
        <Box x={middle} top={0} look={lit.fits ? 'root' : 'wrong'}>
          {words.root}
          <Hash hash={lit.computed} />
        </Box>
      </div>
      <details>
        <summary className="w-fit text-soft">{words.asText}</summary>
        <AsTable lit={lit} />
      </details>
    </figure>
  );
}

function other(step: LitStep): number {
  return step.side === 'left' ? lanes.right : lanes.left;
}

function Line({
  from: [x1, y1],
  to: [x2, y2],
  color,
  width,
}: {
  from: readonly [number, number];
  to: readonly [number, number];
  color: string;
  width: number;
}) {
  const half = (y1 + y2) / 2;
  return (
    <path
      d={`M${x1} ${y1} C${x1} ${half} ${x2} ${half} ${x2} ${y2}`}
      stroke={color}
      strokeWidth={width}
      vectorEffect="non-scaling-stroke"
    />
  );
}

const looks = {
  lit: 'border-2 border-act bg-act-wash',
  root: 'border-2 border-act bg-act text-act-ink',
  wrong: 'border-2 border-alert bg-alert-wash',
  beside: 'border border-line-strong bg-panel text-soft',
};

function Box({
  x,
  top,
  look,
  children,
}: {
  x: number;
  top: number;
  look: keyof typeof looks;
  children: ReactNode;
}) {
  return (
    <div
      className={`absolute flex w-[46%] max-w-[260px] -translate-x-1/2 items-center justify-between gap-2 rounded-md px-2 text-small whitespace-nowrap max-sm:flex-col max-sm:justify-center max-sm:gap-0 ${looks[look]}`}
      style={{ left: `${x}%`, top, height: boxHeight }}
    >
      {children}
    </div>
  );
}

function Hash({ hash }: { hash: string }) {
  return <span className="font-mono text-small">{shortHash(hash)}</span>;
}

/** The same in words, whole hashes included. */
function AsTable({ lit }: { lit: LitPath }) {
  const heads = [words.step, words.covers, words.hash, words.beside];
  return (
    <table
      className="mt-2 w-full border-collapse text-left text-small"
      aria-label={words.tree(lit.steps.length)}
    >
      <thead>
        <tr className="border-b border-line-strong">
          {heads.map((head) => (
            <th key={head} scope="col" className="py-1 pr-4 font-strong">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lit.steps.map((step, at) => (
          <tr key={`${step.node.from}-${step.node.to}`} className="border-b border-line align-top">
            <td className="py-1 pr-4">{at}</td>
            <td className="py-1 pr-4">{words.span(step.node.from, step.node.to)}</td>
            <td className="py-1 pr-4 font-mono break-all">{step.hash}</td>
            <td className="py-1">
              {words.joined[step.side === 'left' ? 'right' : 'left']}{' '}
              {words.span(step.sibling.from, step.sibling.to)}:{' '}
              <span className="font-mono break-all">{step.siblingHash}</span>
            </td>
          </tr>
        ))}
        <tr className="align-top font-strong">
          <td className="py-1 pr-4">{lit.steps.length}</td>
          <td className="py-1 pr-4">{words.root}</td>
          <td className="py-1 pr-4 font-mono break-all">{lit.computed}</td>
          <td className="py-1">
            {words.signedAs} <span className="font-mono break-all">{lit.signed}</span>
          </td>
        </tr>
      </tbody>
    </table>
  );
}
