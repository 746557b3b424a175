/** Anyone with events in the order of their times. */
export interface Walker {
  events: readonly { event: string }[];
}

/**
 * How many people came as far as each step: a person counts for step n after having done steps 1 to n in this order,
 * other events between them allowed. Never rises from one step to the next.
 */
export function funnelCounts(people: readonly Walker[], steps: readonly string[]): number[] {
  const counts = steps.map(() => 0);
  for (const person of people) {
    let reached = 0;
    for (const { event } of person.events) {
      if (event !== steps[reached]) continue;
      counts[reached] = (counts[reached] ?? 0) + 1;
      reached += 1;
    }
  }
  return counts;
}
