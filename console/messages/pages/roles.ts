import { plural } from '../../design/format.ts';

export const roles = {
  tab: 'Roles',
  title: (roles: number, acts: number) =>
    `${plural(roles, 'role', 'roles')}, each a list of ${plural(acts, 'act', 'acts')} that it permits or not`,
  lead: 'A person may have several roles, and may do what any of them permits. What no role permits nobody can do.',
  back: 'All people',
  table: 'Acts that each role permits',
  act: 'Act',
  yes: 'yes',
  own: 'own only',
  no: 'no',
  sensitive: 'asks for a factor',
  sensitiveMeans:
    'Acts marked “asks for a factor” need a passkey or code used within five minutes, whoever does them.',
  permits: (acts: number, of: number) => `permits ${acts} of ${of} acts`,
  phone: 'Roles and what they permit',
} as const;
