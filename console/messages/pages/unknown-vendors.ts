import { count } from '../../design/format.ts';

export const unknownVendors = {
  title: 'Vendors that nobody entered',
  week: (week: number) => (week === 1 ? '1 candidate' : `${count(week)} candidates`),
  seen: (week: number) => (week === 1 ? ' was first seen this week; ' : ' were first seen this week; '),
  open: (open: number) => (open === 1 ? '1 waits' : `${count(open)} wait`),
  decide: ' for a decision.',
};
