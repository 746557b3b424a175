import { count, plural } from '../../design/format.ts';

export const unknownVendors = {
  title: 'Vendors that nobody entered',
  lead: (week: number, open: number) =>
    `${plural(week, 'candidate was', 'candidates were')} first seen this week; ${count(open)} wait for a decision.`,
  link: 'Decide about them',
};
