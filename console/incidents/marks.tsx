import { incidents as words } from '../messages/pages/incidents.ts';

/** Stands at everything of a drill: who sees it must not take it for real. */
export function DrillMark() {
  return (
    <span
      title={words.drillMeans}
      className="mr-2 inline-block rounded-sm border border-dashed border-ink px-1 text-small font-strong uppercase"
    >
      {words.drill}
    </span>
  );
}
