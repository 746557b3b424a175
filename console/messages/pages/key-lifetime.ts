import { plural } from '../../design/format.ts';

export const keyLifetime = {
  title: 'How long virtual keys live',
  lead: 'A key that nobody has to renew is forgotten, and works for whoever finds it.',
  workload: 'A key of an app',
  person: 'A key of a person',
  is: (usual: number | null, most: number | null) =>
    `${usual === null ? 'Until it is revoked, unless an end is given' : `${plural(usual, 'day', 'days')} unless another end is given`}; ${
      most === null ? 'as long as one likes' : `${plural(most, 'day', 'days')} at most`
    }`,
  change: 'Change',
  sheet: 'How long virtual keys live',
  sheetLead:
    'For keys that are made from now on, and those that follow others. Keys that are there keep their end.',
  warning: 'A workload stops when its key ends: see to it that it is rolled before.',
  usual: (of: string) => `${of}, usually (days)`,
  most: (of: string) => `${of}, at most (days)`,
  hint: 'Empty: no end.',
  hintMost: 'Empty: no limit.',
  submit: 'Change it',
} as const;
