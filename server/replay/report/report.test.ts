import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PassResult } from '../metrics/result.ts';
import type { ReplayResult } from '../replay.ts';
import { runRectangles } from './crowd.ts';
import { replayPage } from './page.ts';
import { terminalReport } from './terminal.ts';

const pass = (reachable: number): PassResult => ({
  rows: 1234,
  peopleReachable: reachable,
  unicity: reachable > 0 ? 1 : 0.0004,
  quotableFactsPerPerson: 3.25,
  joinable: reachable,
  people: 1000,
  unicityWithPseudonyms: 1,
  trajectoryUnicity: { sequence: 0.25, timed: 1 },
  attributes: ['$browser'],
  facts: [{ fact: 'email', people: reachable }],
  factsPerPerson: [
    { facts: 3, people: 400, reachable: 0 },
    { facts: 9, people: 600, reachable: Math.min(600, reachable) },
  ],
  ai: { calls: 10, peopleReachable: 5 },
});
const result: ReplayResult = {
  asIs: pass(1000),
  minimised: pass(0),
  funnel: { asIs: [1000, 321], minimised: [1000, 321] },
  crossings: 4321,
  journalRecords: 4321,
  funnelSteps: ['Opened', 'Paid <b>&'],
  people: 1000,
  problems: [],
  scenario: {
    id: 'made-up',
    title: 'Made up',
    summary: 'Nothing of it happened.',
    source: 'https://example.com/made-up',
    as_of: '2026-01-01',
    seed: 1,
    facts: [{ date: '2026-01-01', text: 'Nothing', source: 'https://example.com/n', confidence: 'stated' }],
  },
  population: [{ name: 'Country', values: [{ value: 'DE', people: 1000 }] }],
  browserSdk: 'node',
  example: { asIs: [{ label: 'Name', value: 'A••• B•••' }], minimised: [{ label: 'Name', value: null }] },
  playedAt: '2026-01-01T00:00:00.000Z',
  seconds: 12,
};

describe('the page', () => {
  const page = replayPage(result);

  it('needs nothing from outside itself, and lets nothing run', () => {
    expect(page).not.toMatch(/<script|<img|<link|<iframe|@import|url\((?!#)|\ssrc=|\son\w+=/i);
    expect(page).toContain("default-src 'none'");
  });

  it('answers in its first heading, and says what each picture shows', () => {
    expect(page).toMatch(/<h1>Without Drawbridge the thief can reach 1,000 people\. With it, none\.<\/h1>/);
    expect(page.match(/role="img" aria-label="[^"]+"/g)).toEqual([
      expect.stringContaining('1,000 of 1,000 people can be reached'),
      expect.stringContaining('0 of 1,000 people can be reached'),
    ]);
  });

  it('says which values are not looked at when people are joined', () => {
    expect(page).toContain(
      'Not counted are texts under 4 characters, numbers under 6, and values that more than 10 of the people have',
    );
    expect(replayPage({ ...result, people: 40 })).toContain('more than 5 of the people have');
  });

  it('escapes what comes from data', () => {
    expect(page).toContain('Paid &lt;b&gt;&amp;');
    expect(page).not.toContain('<b>&');
  });

  it('says first what is not as it should be', () => {
    expect(page).not.toContain('role="alert"');
    expect(replayPage({ ...result, problems: ['One thing is wrong.'] })).toMatch(
      /role="alert"><p>One thing is wrong/,
    );
  });
});

describe('the terminal', () => {
  it('puts both thefts side by side', () => {
    const text = terminalReport(result, '/somewhere/latest.html');
    expect(text).toMatch(/write to or call +1,000 +0\n/);
    expect(text).toMatch(/unique by what they are like +100\.0 % +0\.04 %\n/);
    expect(text).toMatch(/Paid <b>& +321 +321\n/);
    expect(text).toContain('DE 100.0 %');
    expect(text).toContain('Every threshold is met.');
    expect(text.replaceAll(/\s+/g, ' ')).toContain('Linked: a value stands letter by letter in both');
    expect(text.replaceAll(/\s+/g, ' ')).toContain('values that more than 10 of the people have');
    expect(text.replaceAll(/\s+/g, ' ')).toContain('judged from 3,000 people on');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('says what was missed', () => {
    const text = terminalReport({ ...result, problems: ['A threshold was missed.'] }, null);
    expect(text).toContain('- A threshold was missed.');
    expect(text).not.toContain('Every threshold is met');
  });
});

describe('the crowd', () => {
  it('covers each person’s place once, whatever the runs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.integer({ min: 1, max: 200 })),
        (columns, runs) => {
          const places: number[] = [];
          let from = 0;
          for (const length of runs) {
            for (const { x, y, width, height } of runRectangles(from, length, columns)) {
              expect(x + width).toBeLessThanOrEqual(columns);
              for (let row = 0; row < height; row++) {
                for (let column = 0; column < width; column++) places.push((y + row) * columns + x + column);
              }
            }
            from += length;
          }
          expect(places.toSorted((a, b) => a - b)).toEqual(Array.from({ length: from }, (_, index) => index));
        },
      ),
    );
  });
});
