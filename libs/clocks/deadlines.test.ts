import { describe, expect, it } from 'vitest';
import { type Clock, Clocks, ClocksError, type Deadlines, type Facts, type Rule } from './index.ts';
import { testLaw, testRule } from './testing.ts';

const AWARE = '2025-11-08T14:10:00+01:00';
const NOW = Date.parse('2025-11-09T12:00:00+01:00');

function reckon(rules: readonly Rule[], facts: Partial<Facts> = {}, at = NOW): Deadlines {
  return new Clocks(testLaw(rules)).deadlines(
    { organisation: { country: 'TL' }, incident: { times: { aware: AWARE } }, ...facts },
    at,
  );
}

function one(rules: readonly Rule[], facts: Partial<Facts> = {}, at = NOW): Clock {
  const [clock] = reckon(rules, facts, at).clocks;
  if (clock === undefined) throw new Error('no clock');
  return clock;
}

describe('the state of a clock', () => {
  const eu = testRule({ due: { within: { hours: 72 }, counting: { by: 'eu-1182-71' } } });

  it('runs until the strict time, is due while a later one can be argued, then late', () => {
    expect(one([eu]).state).toBe('running');
    expect(one([eu], {}, Date.parse('2025-11-11T14:10:00+01:00')).state).toBe('running');
    expect(one([eu], {}, Date.parse('2025-11-11T14:10:01+01:00')).state).toBe('due');
    expect(one([eu], {}, Date.parse('2025-11-11T15:00:00+01:00')).state).toBe('due');
    expect(one([eu], {}, Date.parse('2025-11-11T15:00:01+01:00')).state).toBe('late');
  });

  it('is explained with its numbers', () => {
    expect(one([eu]).steps.map(({ text }) => text)).toEqual([
      'aware Sat 8 Nov 2025 14:10 CET',
      'Sat 8 Nov 2025 14:10 CET + 72 h = Tue 11 Nov 2025 14:10 CET',
    ]);
  });

  it('says that clocks on walls changed', () => {
    const clock = one([eu], { incident: { times: { aware: '2026-03-28T14:10:00+01:00' } } });
    expect(clock.steps.at(-1)?.text).toBe(
      'The clocks go forward in between: 72 hours have passed when a clock on the wall shows 1 h more.',
    );
  });

  it('waits for a time, and says for which', () => {
    const clock = one([testRule()], { incident: {} });
    expect(clock).toMatchObject({ state: 'waiting', start: null, due: null, steps: [] });
    expect(clock.waits_for).toEqual({ what: 'time', ids: ['aware'], text: 'When did you know?' });
    expect(reckon([testRule()], { incident: {} }).times).toEqual([
      { id: 'aware', text: 'When did you know?', rules: ['rule'] },
    ]);
  });

  it('waits for a submission, with what would be due if that came when it is due', () => {
    const first = testRule({ id: 'first', title: 'First report' });
    const final = testRule({
      id: 'final',
      starts: { submitted: ['first'], take: 'first' },
      due: { within: { months: 1 }, counting: { by: 'elapsed' } },
    });
    const [, waiting] = reckon([first, final]).clocks;
    expect(waiting?.state).toBe('waiting');
    expect(waiting?.waits_for?.text).toBe('Submission of: First report');
    expect(waiting?.outlook).toEqual({
      at: '2025-12-12T00:00:00+01:00',
      text: 'Thu 11 Dec 2025 24:00 CET',
      if: 'First report is submitted when it is due, Tue 11 Nov 2025 14:10 CET',
    });
    const sent = { ends: { first: { submissions: [{ at: '2025-11-10T09:00:00+01:00', what: 'Report' }] } } };
    const [, running] = reckon([first, final], sent).clocks;
    expect(running).toMatchObject({
      state: 'running',
      due: { text: 'Wed 10 Dec 2025 24:00 CET' },
      outlook: null,
    });
  });

  it('takes the first or the latest submission, as the rule says', () => {
    const first = testRule({ id: 'first' });
    const due = { within: { hours: 1 }, counting: { by: 'elapsed' as const } };
    const ends = {
      first: {
        submissions: [
          { at: '2025-11-12T09:00:00+01:00', what: 'Update' },
          { at: '2025-11-10T09:00:00+01:00', what: 'Report' },
        ],
      },
    };
    const after = (take: 'first' | 'latest'): string | undefined =>
      reckon([first, testRule({ id: 'after', starts: { submitted: ['first'], take }, due })], { ends })
        .clocks[1]?.due?.at;
    expect(after('first')).toBe('2025-11-10T10:00:00+01:00');
    expect(after('latest')).toBe('2025-11-12T10:00:00+01:00');
  });

  it('has no time where the law names no number, and gives that of a contract beside its words', () => {
    const law = testRule({ id: 'law', due: { no_number: 'without undue delay' } });
    const contract = testRule({
      id: 'contract',
      kind: 'contract',
      puts_number_on: 'law',
      due: { within: { hours: 24 }, counting: { by: 'elapsed' } },
    });
    const clock = one([law], { rules: [contract] });
    expect(clock).toMatchObject({ state: 'due', due: null, latest: null, no_number: 'without undue delay' });
    expect(clock.steps.at(-1)?.text).toBe('Due without undue delay: no number is given.');
    expect(clock.numbers).toEqual([
      { rule: 'contract', due: { at: '2025-11-09T14:10:00+01:00', text: 'Sun 9 Nov 2025 14:10 CET' } },
    ]);
  });

  it('is armed before its date, for whom that date holds', () => {
    const armed = testRule({
      status: 'armed',
      armed: [
        { until: '2027-12-02', text: 'small ones', when: { answer: 'size', in: ['small'] } },
        { until: '2028-08-02', text: 'large ones', when: { answer: 'size', in: ['large'] } },
      ],
    });
    const on = (day: string, size: string): string =>
      one(
        [armed],
        {
          organisation: { country: 'TL', answers: { size } },
          incident: { times: { aware: `${day}T10:00:00+01:00` } },
        },
        Date.parse(`${day}T11:00:00+01:00`),
      ).state;
    expect(on('2027-12-01', 'small')).toBe('armed');
    expect(on('2027-12-02', 'small')).toBe('running');
    expect(on('2027-12-02', 'large')).toBe('armed');
    // Not answered: armed only as long as both dates lie ahead.
    expect(on('2027-12-01', 'unknown')).toBe('armed');
    expect(on('2027-12-02', 'unknown')).toBe('running');
  });

  it('is armed before its rule applies', () => {
    const clock = one([testRule({ valid_from: '2026-09-11' })]);
    expect(clock.state).toBe('armed');
    expect(clock.notes).toContain('It applies from 2026-09-11; this is before it.');
  });
});

describe('the end of a clock', () => {
  const sent = (at: string, more: object = {}): Partial<Facts> => ({
    ends: { rule: { submissions: [{ at, what: 'Form', receipt: 'R-1' }], ...more } },
  });
  const eu = testRule({ due: { within: { hours: 72 }, counting: { by: 'eu-1182-71' } } });

  it('is submitted in time, within what can be argued, or late', () => {
    expect(one([eu], sent('2025-11-11T14:10:00+01:00'))).toMatchObject({
      state: 'submitted',
      end: {
        submissions: [{ at: '2025-11-11T14:10:00+01:00', what: 'Form', receipt: 'R-1' }],
        not_required: null,
        late: null,
      },
    });
    const argued = one([eu], sent('2025-11-11T14:30:00+01:00'));
    expect(argued.state).toBe('submitted');
    expect(argued.notes).toContain('Submitted after the strict time, and within what can be argued.');
    const late = one([eu], sent('2025-11-11T15:30:00+01:00'));
    expect(late.state).toBe('late');
    expect(late.notes).toContain('Submitted late, and no reason is given for it.');
    const explained = one(
      [eu],
      sent('2025-11-11T15:30:00+01:00', { late: { reason: 'the portal was away' } }),
    );
    expect(explained).toMatchObject({ state: 'late', end: { late: 'the portal was away' } });
    expect(explained.notes).not.toContain('Submitted late, and no reason is given for it.');
  });

  it('is late with a reason and without a submission', () => {
    expect(one([eu], { ends: { rule: { late: { reason: 'not ready' } } } }).state).toBe('late');
  });

  it('after the time of reckoning is told', () => {
    expect(one([eu], sent('2025-11-10T10:00:00+01:00')).notes).toContain(
      'A submission lies after the time of this reckoning.',
    );
    expect(one([eu], sent('2025-11-09T10:00:00+01:00')).notes.join()).not.toContain(
      'A submission lies after',
    );
  });

  it('before its start is told', () => {
    expect(one([eu], sent('2025-11-01T10:00:00+01:00')).notes).toContain(
      'The first submission lies before the start of the clock.',
    );
  });

  it('is "not required" only by a person, with reason and name, and that decides nothing about what follows', () => {
    const final = testRule({ id: 'final', starts: { submitted: ['rule'], take: 'first' } });
    const ends = { rule: { not_required: { reason: 'no risk', decided_by: 'DPO', at: AWARE } } };
    const [first, second] = reckon([eu, final], { ends }).clocks;
    expect(first).toMatchObject({
      state: 'not_required',
      end: { not_required: { reason: 'no risk', decided_by: 'DPO' } },
    });
    expect(second?.state).toBe('waiting');
    expect(second?.notes).toContain(
      'DPO decided that this is not required: Notice. Decide about this one, too.',
    );
  });

  it('is never concluded by the machine, whatever is answered', () => {
    const asked = testRule({ applies: { is: 'bank' } });
    for (const bank of ['yes', 'no', 'unknown']) {
      const { clocks, set_aside } = reckon([asked], { organisation: { answers: { bank } } });
      expect(clocks.map(({ state }) => state)).not.toContain('not_required');
      expect(clocks.length + set_aside.length).toBe(1);
    }
  });

  it('stays to be seen when answers take the rule out later', () => {
    const asked = testRule({ applies: { is: 'bank' } });
    const facts = {
      organisation: { country: 'TL', answers: { bank: 'no' } },
      ...sent('2025-11-10T10:00:00+01:00'),
    };
    expect(reckon([asked], facts).clocks.map(({ state }) => state)).toEqual(['submitted']);
  });
});

describe('whether a rule applies', () => {
  const both = testRule({ applies: { all: [{ is: 'bank' }, { answer: 'size', in: ['large'] }] } });

  it('is unknown as long as an answer that decides is missing, and its times are reckoned all the same', () => {
    const { clocks, questions } = reckon([both], {
      organisation: { country: 'TL', answers: { bank: 'yes' } },
    });
    expect(clocks[0]).toMatchObject({
      state: 'unknown',
      questions: ['size'],
      due: { at: '2025-11-11T14:10:00+01:00' },
    });
    expect(questions).toEqual([
      { id: 'size', text: 'How large?', of: 'organisation', choices: ['small', 'large'], rules: ['rule'] },
    ]);
  });

  it('asks nothing that can no longer decide', () => {
    const { clocks, set_aside, questions } = reckon([both], { organisation: { answers: { bank: 'no' } } });
    expect(clocks).toEqual([]);
    expect(questions).toEqual([]);
    expect(set_aside).toEqual([
      {
        rule: 'rule',
        regime: 'Test',
        article: 'Art. 1',
        title: 'Notice',
        because: [{ question: 'bank', answer: 'no' }],
        would_change: [{ question: 'bank', answer: 'yes' }],
      },
    ]);
  });

  it('takes a seat in a country as an answer, and never its absence', () => {
    const asked = testRule({ applies: { is: 'eu' } });
    expect(reckon([asked], { organisation: { countries: ['FR'] } }).clocks[0]?.state).not.toBe('unknown');
    expect(reckon([asked], { organisation: { countries: ['US'] } }).clocks[0]?.state).toBe('unknown');
  });

  it('asks for what takes it out, and stays until that is answered with yes', () => {
    const rule = testRule({ unless: { is: 'death' } });
    const clock = one([rule]);
    expect(clock).toMatchObject({ state: 'running', questions: ['death'] });
    expect(
      reckon([rule], { incident: { times: { aware: AWARE }, answers: { death: 'yes' } } }).set_aside,
    ).toHaveLength(1);
  });

  it('puts the answer of an incident before that of the organisation', () => {
    const asked = testRule({ applies: { is: 'bank' } });
    const facts = { organisation: { answers: { bank: 'no' } }, incident: { answers: { bank: 'yes' } } };
    expect(reckon([asked], facts).clocks).toHaveLength(1);
  });

  it('follows any, not and all with what is unknown', () => {
    const state = (applies: NonNullable<Rule['applies']>, answers: Record<string, string>): string =>
      reckon([testRule({ applies })], { organisation: { answers } }).clocks[0]?.state === 'unknown'
        ? 'unknown'
        : reckon([testRule({ applies })], { organisation: { answers } }).clocks.length === 1
          ? 'yes'
          : 'no';
    const any = { any: [{ is: 'bank' }, { is: 'death' }] };
    expect(state(any, { bank: 'yes' })).toBe('yes');
    expect(state(any, { bank: 'no' })).toBe('unknown');
    expect(state({ not: any }, { bank: 'yes' })).toBe('no');
    expect(state({ not: any }, {})).toBe('unknown');
    expect(state({ all: [{ is: 'bank' }, { not: { is: 'death' } }] }, { bank: 'yes', death: 'no' })).toBe(
      'yes',
    );
  });
});

describe('every clock', () => {
  it('says that nobody reviewed its rule, until somebody did', () => {
    expect(one([testRule()])).toMatchObject({ review: null });
    expect(one([testRule()]).notes).toContain('Unreviewed, confirm with counsel.');
    const reviewed = one([testRule()], { reviews: { rule: { by: 'Counsel', on: '2026-01-02' } } });
    expect(reviewed.review).toEqual({ by: 'Counsel', on: '2026-01-02' });
    expect(reviewed.notes).not.toContain('Unreviewed, confirm with counsel.');
    expect(one([testRule({ reviewed_by: 'Counsel', reviewed_on: '2026-01-02' })]).review?.by).toBe('Counsel');
  });

  it('is not reviewed by what JavaScript has of its own', () => {
    const clock = one([testRule({ id: 'constructor' }), testRule()], {
      reviews: { rule: { by: 'Counsel', on: '2026-01-02' } },
    });
    expect(clock.review).toBeNull();
  });

  it('is reckoned where the competent authority of its regime sits', () => {
    const rule = testRule({ due: { within: { days: 1 }, counting: { by: 'elapsed' } } });
    const organisation = { country: 'TL', competent: { Test: { zone: 'Europe/Dublin' } } };
    expect(one([rule], { organisation }).due?.at).toBe('2025-11-10T00:00:00+00:00');
  });

  it('has the zone of another authority where only its country is named', () => {
    const rule = testRule({ due: { within: { days: 1 }, counting: { by: 'elapsed' } } });
    const organisation = { country: 'TL', zone: 'Asia/Kolkata', competent: { Test: { country: 'TL' } } };
    expect(one([rule], { organisation }).due?.at).toBe('2025-11-10T00:00:00+01:00');
    expect(one([rule], { organisation: { country: 'TL', zone: 'Asia/Kolkata' } }).due?.at).toBe(
      '2025-11-10T00:00:00+05:30',
    );
  });

  it('counts weekends only, and says so, where the country has no calendar', () => {
    const rule = testRule({ due: { within: { days: 7 }, counting: { by: 'eu-1182-71' } } });
    const clock = one([rule], { organisation: { country: 'PT', zone: 'Europe/Lisbon' } });
    expect(clock.latest?.at).toBe('2025-11-18T00:00:00+00:00');
    expect(clock.notes.join()).toContain('There is no calendar of PT');
  });

  it('keeps holidays that were entered for the organisation out of other calendars', () => {
    const rule = testRule({
      due: { within: { working_days: 1 }, counting: { by: 'elapsed', calendar: 'TL' } },
    });
    const organisation = { country: 'PT', zone: 'Europe/Lisbon', extra_holidays: ['2025-11-10'] };
    expect(one([rule], { organisation }).due?.at).toBe('2025-11-11T00:00:00+01:00');
    expect(one([rule], { organisation: { country: 'TL', extra_holidays: ['2025-11-10'] } }).due?.at).toBe(
      '2025-11-12T00:00:00+01:00',
    );
  });

  it('says where a rule of noon is open, is not, or may be', () => {
    const rule = testRule({
      due: {
        within: { hours: 4 },
        counting: { by: 'elapsed', noon_rule: { citation: 'Art. 2', not_for: { is: 'bank' } } },
      },
    });
    const facts = (bank: string): Partial<Facts> => ({ organisation: { country: 'TL', answers: { bank } } });
    expect(one([rule], facts('no')).latest?.at).toBe('2025-11-10T12:00:00+01:00');
    expect(one([rule], facts('yes'))).toMatchObject({ latest: null, questions: [] });
    expect(one([rule], facts('yes')).notes.join()).toContain(
      'Not open to this organisation, by its answers: Art. 2',
    );
    expect(one([rule], facts('unknown'))).toMatchObject({ latest: null, questions: ['bank'] });
    expect(one([rule], facts('unknown')).notes.join()).toContain('Only where no exception from it holds');
  });

  it('of law on the horizon is none', () => {
    const { clocks, horizon } = reckon([testRule({ status: 'horizon' })]);
    expect(clocks).toEqual([]);
    expect(horizon.map(({ rule }) => rule)).toEqual(['rule']);
  });

  it('with an unknown second limit says that it may be earlier', () => {
    const rule = testRule({
      starts: { time: 'classified' },
      due: {
        within: { hours: 4 },
        counting: { by: 'elapsed' },
        no_later_than: { from: { time: 'aware' }, within: { hours: 24 } },
      },
    });
    const classified = one([rule], { incident: { times: { classified: AWARE } } });
    expect(classified.due?.at).toBe('2025-11-08T18:10:00+01:00');
    expect(classified.notes).toContain('Not known is: aware. 24 h after it may be earlier than this.');
    const awareOnly = one([rule]);
    expect(awareOnly).toMatchObject({ state: 'waiting', outlook: { at: '2025-11-09T14:10:00+01:00' } });
  });
});

describe('facts', () => {
  const refused = (facts: Partial<Facts>): string[] => {
    try {
      reckon([testRule()], facts);
    } catch (error) {
      if (error instanceof ClocksError)
        return error.problems.map(({ field, message }) => `${field}: ${message}`);
      throw error;
    }
    return [];
  };

  it.each(['2025-11-08T14:10:00', '2025-11-08 14:10', '2025-11-08'])(
    'without a zone are refused: %s',
    (aware) => {
      expect(refused({ incident: { times: { aware } } })).toEqual([
        'incident.times.aware: says no time zone: give date, time and offset, as 2025-11-08T14:10:00+01:00',
      ]);
    },
  );

  it.each([
    'yesterday',
    '',
    '2025-02-30T10:00:00Z',
    '2025-11-08T25:00:00Z',
    '9999-01-01T00:00:00Z',
    '1969-01-01T00:00Z',
    '2025-11-08T14:10:00+01:00[Europe/Berlin]',
  ])('that are no time are refused: %s', (aware) => {
    expect(refused({ incident: { times: { aware } } })[0]).toMatch(/^incident\.times\.aware: /);
  });

  it('that name what is not there are refused, all at once', () => {
    expect(
      refused({
        organisation: {
          country: 'XX',
          zone: 'Mars/Olympus',
          answers: { what: 'yes', bank: 'perhaps' },
          competent: { Nothing: {} },
        },
        incident: { times: { never: AWARE } },
        ends: { nothing: { submissions: [{ at: 'soon', what: 'x' }] }, rule: {} },
        reviews: { nobody: { by: 'x', on: '2026-01-01' } },
      }),
    ).toEqual([
      'organisation.zone: is no zone, as Europe/Berlin',
      'organisation.competent.Nothing: is no regime of the rules',
      'organisation.answers.what: is no question of the rules',
      'organisation.answers.bank: is one of yes, no, unknown',
      'incident.times.never: is no time of the rules',
      'ends.nothing: is no rule',
      'ends.nothing.submissions.0.at: is no time with an offset, as 2025-11-08T14:10:00+01:00',
      'ends.rule: ends by submissions, not_required or late, and has none',
      'reviews.nobody: is no rule',
    ]);
    expect(refused({ organisation: { country: 'PT' } })).toEqual([
      'organisation.country: has no calendar here: give organisation.zone, too, as Europe/Lisbon',
    ]);
  });

  it('can not both submit and decide that nothing is required', () => {
    const not_required = { reason: 'x', decided_by: 'y', at: AWARE };
    expect(refused({ ends: { rule: { not_required, submissions: [{ at: AWARE, what: 'z' }] } } })).toEqual([
      'ends.rule: is not required and has a submission or a delay: one of them is wrong',
    ]);
  });
});
