import type { Law } from './deadlines.ts';
import type { CalendarRules } from './holidays.ts';
import type { Rule } from './rule.ts';

/** A country of tests: Saturdays, Sundays, New Year, Easter and Christmas. */
export const testland: CalendarRules = {
  id: 'TL',
  name: 'Testland',
  zone: 'Europe/Berlin',
  weekend: [6, 7],
  known: { from: 1990, until: 2099 },
  holidays: [
    { name: 'New Year', when: { fixed: '01-01' } },
    { name: 'Good Friday', when: { easter: -2 } },
    { name: 'Easter Monday', when: { easter: 1 } },
    { name: 'Christmas', when: { fixed: '12-25' } },
    { name: 'Day after', when: { fixed: '12-26' } },
  ],
  notes: [],
};

/** A rule that applies to everybody: 72 hours after `aware`. */
export function testRule(rule: Partial<Rule> = {}): Rule {
  return {
    id: 'rule',
    regime: 'Test',
    kind: 'law',
    article: 'Art. 1',
    title: 'Notice',
    who: 'everybody',
    starts: { time: 'aware' },
    due: { within: { hours: 72 }, counting: { by: 'elapsed' } },
    recipient: 'the authority',
    content: ['what happened'],
    source: { citation: 'Act 1', grade: 'official', as_of: '2026-01-01' },
    status: 'in_force',
    valid_from: '1990-01-01',
    as_of: '2026-01-01',
    reviewed_by: '',
    reviewed_on: '',
    notes: [],
    disputed: [],
    ...rule,
  };
}

export function testLaw(rules: readonly Rule[], more: Partial<Law> = {}): Law {
  return {
    rules,
    questions: [
      { id: 'bank', text: 'A bank?', of: 'organisation' },
      { id: 'eu', text: 'In the EU?', of: 'organisation', yes_in: ['DE', 'FR'] },
      { id: 'size', text: 'How large?', of: 'organisation', choices: ['small', 'large'] },
      { id: 'death', text: 'Did a person die?', of: 'incident' },
    ],
    times: [
      { id: 'aware', name: 'aware', text: 'When did you know?' },
      { id: 'classified', name: 'classified', text: 'When was it classified?' },
    ],
    calendars: [testland],
    ...more,
  };
}
