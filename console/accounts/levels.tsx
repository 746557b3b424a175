import { type SignInLevel, signInLevels } from '../api/account-types.ts';
import { m } from '../messages/en.ts';

const words = m.accounts;
const WIDTH = 100;

/** Filled by how much it guards; what nobody knows is hatched, so that it never looks like good. */
const looks: Record<SignInLevel, string> = {
  enforced: 'fill-ink',
  phishing_resistant: 'fill-ink opacity-70',
  enrolled: 'fill-ink opacity-45',
  sms_only: 'fill-ink opacity-25',
  none: 'fill-alert',
  unknown: '',
};

function Piece({ level, x, width }: { level: SignInLevel; x: number; width: number }) {
  if (level !== 'unknown') return <rect x={x} y="0" width={width} height="12" className={looks[level]} />;
  return (
    <>
      <rect x={x} y="0" width={width} height="12" className="fill-sunken" />
      <path
        d={Array.from({ length: Math.ceil(width / 3) }, (_, line) => `M${x + line * 3} 12 l3 -12`).join(' ')}
        className="stroke-line-strong"
        strokeWidth="0.7"
      />
    </>
  );
}

/** How the accounts at one vendor are guarded, best to the left. The counts beside it say the same in words. */
export function LevelsBar({ levels }: { levels: Record<SignInLevel, number> }) {
  const total = Math.max(
    1,
    signInLevels.reduce((sum, level) => sum + levels[level], 0),
  );
  const there = signInLevels.filter((level) => levels[level] > 0);
  let x = 0;
  return (
    <span className="flex flex-col gap-1">
      <svg viewBox={`0 0 ${WIDTH} 12`} preserveAspectRatio="none" className="h-3 w-full" aria-hidden="true">
        {there.map((level) => {
          const width = (levels[level] / total) * WIDTH;
          const start = x;
          x += width;
          return <Piece key={level} level={level} x={start} width={width} />;
        })}
      </svg>
      <span className="text-small text-soft">
        {there.map((level) => `${levels[level]} ${words.levels[level]}`).join(', ') || m.common.none}
      </span>
    </span>
  );
}

/** What the pieces of the bars mean. */
export function LevelsLegend() {
  return (
    <ul className="flex flex-wrap gap-x-6 gap-y-2 text-small" aria-label={words.legend}>
      {signInLevels.map((level) => (
        <li key={level} className="flex items-center gap-2" title={words.levelMeans[level]}>
          <svg viewBox="0 0 12 12" className="size-3" aria-hidden="true">
            <Piece level={level} x={0} width={12} />
          </svg>
          {words.levels[level]}
        </li>
      ))}
    </ul>
  );
}
