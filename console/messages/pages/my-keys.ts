import { plural } from '../../design/format.ts';

export const myKeys = {
  tab: 'Your keys',
  title: (keys: number, apps: number) =>
    `You hold ${plural(keys, 'key', 'keys')} of your own, and ${plural(apps, 'app is', 'apps are')} yours`,
  titleNone: 'You hold no key yet',
  lead: (days: number | null, most: number | null) =>
    `A key of your own is for your machine and for you alone${
      days === null ? '' : `. It lives for ${plural(days, 'day', 'days')} unless you say otherwise`
    }${most === null ? '' : `, for ${plural(most, 'day', 'days')} at most`}. It ends with your access.`,
  own: 'Keys of your own',
  ownTable: 'Keys of your own',
  noneOwn: 'You made no key for yourself',
  noneOwnText:
    'With one you call vendors from your own machine, and what you send is told apart from what your app sends.',
  make: 'Make a key for yourself',
  apps: 'Your apps',
  appsLead: 'Those that name your e-mail address as their owner. You make, roll and revoke their keys.',
  keysOf: (keys: number) => plural(keys, 'key that works', 'keys that work'),
  lastUsed: 'last used',
  none: 'No app is yours',
  noneText: (email: string) =>
    `A key belongs to an app. Ask an administrator to name one for you, with ${email} as its owner; then you make its keys here yourself.`,
  example: 'checkout-api, owner ada@example.org: 2 keys that work, last used 3 min ago',
  nameApp: 'Name an app',

  form: {
    app: 'App',
    days: 'It lives for',
    dayChoice: (days: number) => plural(days, 'day', 'days'),
    daysUsual: (days: number) => `${plural(days, 'day', 'days')}, as is usual`,
    submit: 'Make the key',
    where: 'Where it works',
    whereLead:
      'Put it in the place of the vendor’s credential, and this address in the place of the vendor’s address.',
    reason: (app: string) => `A key of one’s own, for ${app}`,
  },
} as const;
