import { stages } from '@drawbridge/protocol/vocabulary';
import type { CrossingDetail } from '../api/types.ts';
import { duration } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { m } from '../messages/en.ts';

const words = m.crossings.one;

interface Step {
  stage: string;
  micros: number | null;
  state: 'done' | 'stopped' | 'not reached';
}

function stepsOf(crossing: CrossingDetail): Step[] {
  const stoppedAt =
    crossing.decision === 'refused' ? (stages as readonly string[]).indexOf(crossing.stage ?? '') : -1;
  return stages.map((stage, index) => {
    const micros = crossing.timings?.find((timing) => timing.stage === stage)?.micros ?? null;
    // A refusal is recorded and settled like any other crossing: only what lies between is not walked.
    const walked = stoppedAt === -1 || index <= stoppedAt || stage === 'record' || stage === 'settle';
    return {
      stage,
      micros: walked ? micros : null,
      state: index === stoppedAt ? 'stopped' : walked ? 'done' : 'not reached',
    };
  });
}

/** The ten stages of one crossing with their times: as a strip of bars, which is a table as well. */
export function StageStrip({ crossing }: { crossing: CrossingDetail }) {
  const steps = stepsOf(crossing);
  const total = steps.reduce((sum, step) => sum + (step.micros ?? 0), 0);
  const most = Math.max(1, ...steps.map((step) => step.micros ?? 0));
  const lead = crossing.timings === null ? words.stripUnsettled : words.stripLead(duration(total));
  return (
    <Section
      title={words.strip}
      lead={
        crossing.decision === 'refused' && crossing.stage
          ? `${words.stripStopped(crossing.stage)} ${lead}`
          : lead
      }
    >
      <ol className="grid gap-px max-md:border-t max-md:border-line md:grid-cols-10">
        {steps.map((step, index) => (
          <li
            key={step.stage}
            title={words.stages[step.stage]}
            className="group flex gap-x-2 max-md:items-center max-md:border-b max-md:border-line max-md:py-1 md:flex-col"
          >
            <span
              aria-hidden="true"
              className={`relative flex items-end max-md:order-last max-md:h-2 max-md:flex-1 md:h-14 ${step.state === 'not reached' ? '' : 'bg-sunken'}`}
            >
              <Bar share={step.micros === null ? 0 : step.micros / most} stopped={step.state === 'stopped'} />
            </span>
            <span
              className={`flex max-md:w-44 max-md:justify-between md:flex-col md:border-t-2 md:pt-1 ${step.state === 'stopped' ? 'md:border-alert' : step.state === 'done' ? 'md:border-ink' : 'md:border-line'}`}
            >
              <span
                className={`${step.state === 'stopped' ? 'font-strong text-alert' : step.state === 'done' ? '' : 'text-soft'}`}
              >
                <span className="sr-only">{index + 1}. </span>
                {step.stage}
              </span>
              <span className="text-small text-soft">
                {step.state === 'not reached' ? '–' : step.micros === null ? '…' : duration(step.micros)}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** Square root of the share: forwarding takes a thousand times what the rest does, and the rest should still be seen. */
function Bar({ share, stopped }: { share: number; stopped: boolean }) {
  const size = `${Math.max(share > 0 ? 3 : 0, 100 * Math.sqrt(share))}%`;
  return (
    <>
      <span className={`w-full max-md:hidden ${stopped ? 'bg-alert' : 'bg-soft'}`} style={{ height: size }} />
      <span className={`h-full md:hidden ${stopped ? 'bg-alert' : 'bg-soft'}`} style={{ width: size }} />
    </>
  );
}
