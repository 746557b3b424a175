import { plural } from '../../design/format.ts';

export const people = {
  tab: 'People',
  title: (active: number, invited: number) =>
    `${plural(active, 'person has', 'people have')} access${invited === 0 ? '' : `, ${plural(invited, 'invitation is', 'invitations are')} open`}`,
  lead: 'Everybody signs in with a passkey or two factors. Access can end by itself, and ends at once when you take it away.',
  noCodes: (people: number) =>
    `${plural(people, 'person has', 'people have')} no recovery code left. They make new ones on their profile.`,
  invite: 'Invite somebody',
  roles: 'What each role permits',
  table: 'People',
  search: 'Name or e-mail address',
  filterRole: 'Role',
  filterState: 'State',
  none: 'Nobody fits these filters',
  name: 'Name',
  email: 'E-mail address',
  role: 'Roles',
  state: 'State',
  states: { invited: 'invited', active: 'active', offboarded: 'offboarded', ended: 'access ended' } as Record<
    string,
    string
  >,
  factors: 'Factors',
  factorsOf: (passkeys: number, totp: boolean) =>
    [
      ...(passkeys === 0 ? [] : [plural(passkeys, 'passkey', 'passkeys')]),
      ...(totp ? ['password and app'] : []),
    ].join(', ') || 'none',
  lastSeen: 'Last here',
  ends: 'Access ends',
  noEnd: 'no end',
  you: 'you',
  noName: 'no name yet',
  notPermitted: 'Your roles do not let you see who has access',
  notPermittedTo: 'Your roles do not let you change who has access.',

  roleNames: {
    owner: 'Owner',
    administrator: 'Administrator',
    security: 'Security',
    developer: 'Developer',
    privacy_officer: 'Privacy officer',
    auditor: 'Auditor',
    responder: 'Responder',
    member: 'Member',
  } as Record<string, string>,
  roleTexts: {
    owner:
      'May do everything, and is the only one who makes owners and removes them, and says who else vouches for people.',
    administrator: 'May do everything but make and remove owners, and say who else vouches for people.',
    security: 'Watches over connections, contracts, keys and logs.',
    developer: 'Uses connections from apps of their own.',
    privacy_officer: 'Decides what may cross of people and how long it is kept, and erases.',
    auditor: 'Reads everything, may ask about messages, and changes nothing.',
    responder: 'Cuts vendors and keys off in an incident.',
    member: 'Checks messages from vendors, and sees nothing else.',
  } as Record<string, string>,

  inviteTitle: 'Invite somebody',
  inviteEmail: 'E-mail address',
  inviteEmailHint: 'They sign in with it. Drawbridge sends no mail: you give them a link.',
  inviteName: 'Name',
  inviteNameHint: 'If you know it. They can change it.',
  chooseRoles: 'Roles',
  chooseRole: 'Choose at least one role.',
  outside: 'Access ends',
  outsideHint:
    'For somebody from outside, such as an auditor. On that day’s end everything closes by itself. Empty: no end.',
  makeLink: 'Make the invitation link',
  linkTitle: (name: string) => `The link for ${name}, shown this once`,
  linkLead:
    'Give it to them by a way that you trust, such as a message in your own chat. Whoever opens it first sets up the account.',
  linkEnds: 'It works once, and until',
  linkCopy: 'Copy the link',
  linkDone: 'I have given it to them',

  one: {
    back: 'All people',
    missing: 'There is no such person',
    title: (name: string, roles: readonly string[]) =>
      `${name} has the ${roles.length === 1 ? 'role' : 'roles'} ${new Intl.ListFormat('en-GB').format(roles)}`,
    invitedTitle: (name: string) => `${name} has not accepted the invitation yet`,
    goneTitle: (name: string) => `${name} has no access any more`,
    about: 'About',
    since: 'Here since',
    passkeys: 'Passkeys',
    app: 'Password and app',
    set: 'set up',
    notSet: 'not set up',
    codes: 'Recovery codes left',
    change: 'Change roles and end',
    newLink: 'Make a new link',
    offboard: 'Offboard',
    reset: 'Reset factors',
    sessions: 'Sessions',
    sessionsLead: 'Where they are signed in now.',
    noSessions: 'Not signed in anywhere.',
    endAll: 'End all sessions',
    endAllText: 'They are signed out everywhere, and may sign in again.',
    permits: 'What they may do',
    changes: 'What they changed',
    changesLink: 'Their changes on record',
    isYou: 'This is you. Others change your roles; your factors are on your profile.',
  },
  changeTitle: (name: string) => `Roles and end of access of ${name}`,
  changeAtOnce: 'In force at once. Where rights are taken away, open sessions end.',
  changeSubmit: 'Change',
  newLinkTitle: (name: string) => `A new link for ${name}`,
  newLinkText: 'The link from before stops working.',
  newLinkSubmit: 'Make a new link',
  resetTitle: (name: string) => `Reset the factors of ${name}`,
  resetEnds: [
    'All passkeys, the password, the authenticator app and the recovery codes are removed.',
    'All sessions end now.',
    'You get a link that sets up new ones. Be sure whom you give it to: call them.',
  ],
  resetSubmit: 'Reset and make a link',
  offboardTitle: (name: string) => `Offboard ${name}`,
  offboardLead: 'This happens at once:',
  offboardSessions: (sessions: number) =>
    sessions === 0
      ? 'They are signed in nowhere; no session has to end.'
      : `${plural(sessions, 'session ends', 'sessions end')}.`,
  offboardEnds: [
    'Their passkeys, password and codes open nothing any more.',
    'API tokens that they made stop working.',
    'Virtual keys belong to apps and go on working. Look at the apps that they own.',
  ],
  offboardKeeps:
    'What they changed stays on record under their name. It can be undone by a new invitation only.',
  offboardSubmit: 'Offboard',
} as const;
