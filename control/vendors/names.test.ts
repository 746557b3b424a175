import { describe, expect, it } from 'vitest';
import { comparable } from './names.ts';

describe('names of companies', () => {
  it.each([
    ['Mixpanel, Inc.', 'mixpanel'],
    ['Hetzner Online GmbH', 'hetzner online'],
    ['Elastic B.V.', 'elastic'],
    ['Société Générale S.A.', 'societe generale'],
    ['AG', 'ag'],
    ['AT&T', 'at and t'],
  ])('%s is %s', (name, plain) => expect(comparable(name)).toBe(plain));
});
