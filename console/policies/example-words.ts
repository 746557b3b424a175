import type { Example } from '../api/policy-types.ts';
import { m } from '../messages/en.ts';

const words = m.policies.examples;

/** What an example says, part by part; what it leaves open is left out. */
export function wordsOf(example: Example): string[] {
  const of = 'crossing' in example ? example.crossing : example.act;
  const { app, vendor, hour, weekday } = of;
  const yes = (is: boolean): string => (is ? words.yes : words.no);
  const parts: (readonly [string, string | undefined])[] = [
    ...('act' in example
      ? ([
          [words.action, example.act.action],
          [words.roles, example.act.by?.roles?.join(' ')],
        ] as const)
      : []),
    [words.approved, vendor?.approved === undefined ? undefined : yes(vendor.approved)],
    [words.agreement, vendor?.agreement === undefined ? undefined : yes(vendor.agreement === 'signed')],
    [words.tags, app?.tags?.join(' ')],
    [words.team, app?.team],
    [words.holder, app?.holder === undefined ? undefined : words.holders[app.holder]],
    ...('crossing' in example
      ? ([
          [words.jurisdiction, example.crossing.jurisdiction],
          [words.model, example.crossing.model],
          [words.passed, fieldsText(example.crossing.fields)],
          [words.excepted, example.crossing.excepted?.join(' ')],
        ] as const)
      : []),
    [words.weekday, weekday],
    [words.hour, hour === undefined ? undefined : String(hour)],
  ];
  return parts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name}: ${value}`]));
}

/** Kinds of data; those that would not be passed with their treatment. */
function fieldsText(fields: Record<string, string | undefined> | undefined): string | undefined {
  if (fields === undefined) return undefined;
  return Object.entries(fields)
    .map(([name, treatment]) => (treatment === 'pass' ? name : `${name} (${treatment})`))
    .join(' ');
}

/** What is typed into the form of an example. An empty field is left open. */
export interface ExampleDraft {
  says: string;
  must: string;
  kind: string;
  approved: string;
  agreement: string;
  tags: string;
  team: string;
  holder: string;
  jurisdiction: string;
  model: string;
  passed: string;
  weekday: string;
  hour: string;
  excepted: string;
  action: string;
  roles: string;
}

export const emptyDraft: ExampleDraft = {
  says: '',
  must: 'denied',
  kind: 'crossing',
  approved: '',
  agreement: '',
  tags: '',
  team: '',
  holder: '',
  jurisdiction: '',
  model: '',
  passed: '',
  weekday: '',
  hour: '',
  excepted: '',
  action: '',
  roles: '',
};

const listOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');
const some = <Value extends object>(value: Value): Value | undefined =>
  Object.values(value).every((member) => member === undefined) ? undefined : value;

/** The example that a form says. `policy`: the name from which an exception is meant. */
export function exampleOf(draft: ExampleDraft, policy: string): Example {
  const said = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim());
  const listed = (text: string): string[] | undefined =>
    listOf(text).length === 0 ? undefined : listOf(text);
  const must = draft.must === 'allowed' ? ('allowed' as const) : ('denied' as const);
  const common = {
    vendor: some({
      approved: draft.approved === '' ? undefined : draft.approved === 'yes',
      agreement:
        draft.agreement === ''
          ? undefined
          : draft.agreement === 'yes'
            ? ('signed' as const)
            : ('none' as const),
    }),
    app: some({
      tags: listed(draft.tags),
      team: said(draft.team),
      holder:
        draft.holder === ''
          ? undefined
          : draft.holder === 'person'
            ? ('person' as const)
            : ('workload' as const),
    }),
    weekday: said(draft.weekday),
    hour: draft.hour === '' ? undefined : Number(draft.hour),
  };
  const says = draft.says.trim();
  if (draft.kind === 'act') {
    const roles = listed(draft.roles);
    const by = roles === undefined ? undefined : { roles };
    return { must, says, act: { ...common, action: draft.action.trim(), by } };
  }
  const passed = listed(draft.passed);
  return {
    must,
    says,
    crossing: {
      ...common,
      jurisdiction: said(draft.jurisdiction),
      model: said(draft.model),
      fields: passed && Object.fromEntries(passed.map((name) => [name, 'pass'])),
      excepted: draft.excepted === 'yes' ? [policy] : undefined,
    },
  };
}
