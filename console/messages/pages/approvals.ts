import { plural } from '../../design/format.ts';

export const approvals = {
  tab: 'Approvals',
  titleForYou: (count: number) => `${plural(count, 'change waits', 'changes wait')} for your decision`,
  titleYours: (count: number) =>
    `${plural(count, 'change', 'changes')} of yours ${count === 1 ? 'is' : 'are'} not done yet`,
  titleOthers: (count: number) => `${plural(count, 'change waits', 'changes wait')} for a second person`,
  titleNone: 'Nothing waits for a second person',
  lead: 'Where vendors’ credentials go, and who may approve that, is for two people to decide: else one account that somebody took over could send them to a host of theirs.',

  forYou: 'For you to decide',
  forOthers: 'For others to decide',
  yours: 'What you asked for',
  over: 'Over',
  none: 'Nothing waits for you.',

  move: (name: string, host: string) => `Send ${name} to ${host}`,
  credential: (name: string, host: string) => `Enter the first credential for ${host}, in ${name}`,
  settingOff: 'Let one person alone decide where credentials go',
  settingOn: 'Ask for two people where credentials go',
  admin: (name: string, host: string) => `Enter the admin credential of ${name}, for ${host}`,
  issuerAdd: (name: string) => `Let the issuer ${name} in`,
  issuerChange: (name: string) => `Change what is believed of the issuer ${name}`,
  person: {
    invite: (email: string, roles: string) => `Invite ${email} as ${roles}`,
    again: (email: string, roles: string) => `Give ${email} (${roles}) a new link`,
    change: (email: string, roles: string) => `Give ${email} the roles ${roles}`,
    factors: (email: string, roles: string) => `Reset the factors of ${email} (${roles})`,
  },

  now: 'Goes to now',
  after: 'Would go to',
  firstTime: 'No credential went here yet',
  known: (region: string) => `The vendor’s pack names this host, for ${region}.`,
  unknownHost: 'The vendor’s pack knows no such host.',
  noPack: 'The vendor’s pack can not say whose host this is.',
  personEmail: 'E-mail address',
  personRoles: 'Roles',
  personEnds: 'Access until',
  issuerPrivate: 'In a private network',
  yes: 'Yes',
  no: 'No',
  what: 'What',
  isNow: 'Now',
  inPrivate: 'In a private network.',
  inClear: 'Without TLS: whoever is on the way reads along.',

  means: 'What approving does',
  moveCredential:
    'The credential does not go along: it is erased, and somebody has to enter it again, for the new host.',
  moveKeys: (keys: number, apps: number) =>
    `${plural(keys, 'virtual key', 'virtual keys')} of ${plural(apps, 'app', 'apps')} ${keys === 1 ? 'uses' : 'use'} this connection: their requests go to the new host within a second.`,
  moveNoKeys: 'No virtual key uses this connection.',
  credentialSent: 'Each request of this connection carries the credential to this host from then on.',
  settingMeans:
    'One person alone can then send a connection to any host, enter a credential for it, and let in others who can.',
  adminMeans:
    'With this credential keys are made and deleted at the vendor. It is sent to this host whenever one is.',
  adminOwnPack: 'People here entered the pack that says how: look at it first.',
  personMeans: {
    invite: 'They may then approve what others ask for: be sure who reads mail at this address.',
    again: 'Whoever opens the new link comes in as them, and may approve what others ask for.',
    change: 'They may then approve what others ask for.',
    factors: 'Whoever opens the new link comes in as them, and may approve what others ask for.',
  },
  issuerMeans: 'Whoever rules it can sign in as anyone of its domains, as you too.',
  onlyThis: (name: string) =>
    `${name} can then do just this, once, until the time is over. Going back waits for a second person, too.`,
  judge: (name: string) =>
    `Ask ${name} in person or by a number that you know, not by answering a message: whoever took an account over answers messages, too.`,

  by: 'Asked by',
  why: 'Why',
  asked: 'Asked',
  until: 'Waits until',
  approvedBy: 'Approved by',
  connection: 'Connection',
  approve: 'Approve',
  refuse: 'Refuse',
  withdraw: 'Take back',
  doNow: 'Do it now',
  enter: 'Enter the credential',
  open: 'Open the connection',
  openPerson: 'Open the person',
  notYours: 'Your roles do not let you decide about it.',
  waits: 'Waits for somebody else to approve it.',
  approved: (by: string) => `${by} approved it: do it before the time is over.`,

  sheets: {
    approve: {
      title: (what: string) => `Approve: ${what}`,
      lead: (name: string) => `${name} can then do this, once. It asks you for a factor.`,
      act: 'Approve',
    },
    refuse: {
      title: (what: string) => `Refuse: ${what}`,
      lead: (name: string) => `Nothing is changed. ${name} sees who refused it, and why.`,
      act: 'Refuse',
    },
    withdraw: {
      title: (what: string) => `Take back: ${what}`,
      lead: () => 'Nothing is changed. You can ask again.',
      act: 'Take it back',
    },
    again: {
      title: (what: string) => what,
      lead: () => 'It was approved. It is done now, in force within a second, and on record with both names.',
      act: 'Do it now',
    },
  },

  past: {
    table: 'What is over',
    what: 'What',
    by: 'Asked by',
    end: 'How it ended',
    decided: 'By',
    why: 'Why',
    at: 'Asked',
    states: {
      asked: 'waits',
      approved: 'approved',
      refused: 'refused',
      withdrawn: 'taken back',
      used: 'done',
      expired: 'nobody answered in time',
    },
  },

  setting: {
    title: 'What two people decide',
    on: 'These wait for a second person: sending a connection to another host, the first credential for a host, letting in somebody who may approve, letting in or changing an issuer, and looser rules of the egress proxy. Turning this off waits for one, too.',
    off: 'One person alone can send a connection to another host, enter a credential for it, and let in others who can.',
    turnOn: 'Ask for two people',
    turnOff: 'Let one person decide',
    onTitle: 'Ask for two people where credentials go',
    onLead:
      'From then on, another person has to approve each change of a host, each first credential for one, each person who may approve and each issuer, within 24 hours. There have to be two people who may approve.',
    offTitle: 'Let one person decide where credentials go',
    offLead: 'This waits for a second person itself. Once it is approved, turn it off here again.',
  },
  empty: 'One person alone decides where credentials go',
  emptyText:
    'A phished colleague is enough then to send a vendor’s credential to somebody else’s host. Ask for two people, and such a change waits here first.',
  example: 'Send OpenAI production to api.openai.example: asked by Brook Sample, waits for you',

  onConnection: (by: string) => `${by} asked to change this connection, and it waits for a second person.`,
  onConnectionApproved: (by: string) => `A change that ${by} asked for was approved, and is not done yet.`,
  see: 'See what would change',
} as const;
