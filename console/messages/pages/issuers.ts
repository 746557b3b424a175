import { plural } from '../../design/format.ts';

export const issuers = {
  tab: 'Issuers',
  title: (issuers: number, proving: number) =>
    `People can sign in through ${plural(issuers, 'issuer', 'issuers')}; ${
      proving === 0
        ? 'each is asked for a second factor here'
        : proving === issuers
          ? `${issuers === 1 ? 'it is' : 'they are'} believed about the second factor`
          : `${proving} of them ${proving === 1 ? 'is' : 'are'} believed about the second factor`
    }`,
  titleNone: 'Everybody signs in with factors of this deployment',
  lead: 'An issuer is your identity provider, spoken to by OpenID Connect. Whoever rules it can sign in as anyone of its domains, so only owners name issuers.',
  add: 'Let an issuer in',
  empty: 'No issuer is let in',
  emptyText:
    'With an issuer people sign in where they sign in for everything else. Here they still have roles, and what is sensitive asks for a factor of ours.',
  example: 'Example SSO at https://login.example.org, for example.org; second factor proved by amr mfa',

  address: 'Issuer',
  client: 'Client id',
  domains: 'Believed about addresses of',
  mfa: 'Second factor',
  mfaNever: 'Asked for here, whatever it says',
  mfaProved: (values: string[]) => `Believed where it says ${values.join(' or ')}`,
  newcomers: 'People who are not known here',
  newcomersNot: 'Are not let in',
  newcomersAs: (roles: string) => `Are let in as ${roles}, and enrol a factor first`,
  used: 'Signed in through it',
  usedBy: (people: number) => plural(people, 'person', 'people'),
  by: 'Let in',
  redirect: 'Redirect URI, to be entered there as it is',
  redirectLocal:
    'This address is known on this machine only, and most issuers refuse it. Set DRAWBRIDGE_PUBLIC_URL to the address that people open, and restart.',
  reached: 'It answers, and calls itself by this name.',
  asking: 'Asking it…',
  again: 'Ask again',
  wrong: 'Nobody can sign in through it now',
  change: 'Change',
  remove: 'Remove',
  changeNamed: (name: string) => `Change ${name}`,
  removeNamed: (name: string) => `Remove ${name}`,
  againNamed: (name: string) => `Ask again: ${name}`,
  ownersOnly: 'Only owners let issuers in, change and remove them.',

  form: {
    addTitle: 'Let an issuer in',
    changeTitle: (name: string) => `What is believed of ${name}`,
    register:
      'There, register the console as a public client (single-page, native or mobile application) for the authorization code flow with PKCE. No secret of ours lies there.',
    name: 'Name',
    nameHint: 'As the button at sign-in says it, such as Example SSO.',
    issuer: 'Issuer',
    issuerHint:
      'Exactly as it names itself: https, tenant included, with or without a stroke at the end. It can not be changed later.',
    client: 'Client id',
    domains: 'E-mail domains',
    domainsHint: 'One per line. Only domains whose mailboxes it rules.',
    mfa: 'Does it prove a second factor?',
    mfaNo: 'No: a second factor is asked for here',
    mfaYes: 'Yes, where its tokens say so',
    mfaYesHint: 'Only where a rule there demands two factors of everybody.',
    acr: 'Values of acr',
    acrHint: 'One per line; they are asked for at sign-in.',
    acrOffered: (values: string[]) =>
      `One per line; they are asked for at sign-in. It offers ${values.join(', ')}.`,
    amr: 'Values of amr',
    amrHint: 'One per line. Okta and Entra ID (v1.0 tokens) say mfa.',
    mfaMissing: 'Name a value of acr or amr that proves two factors.',
    newcomers: 'People who are not known here',
    newcomersNo: 'Are not let in: somebody invites them first',
    newcomersYes: 'Are let in, with these roles',
    rolesMissing: 'Choose at least one role.',
    private: 'It may be in a private network',
    add: 'Let it in',
    save: 'Save',
    addedTitle: (name: string) => `${name} is let in`,
    addedLead: 'One step is left: enter this address there as the redirect URI, as it is.',
    done: 'I have entered it there',
  },
  removal: {
    lead: 'From now on nobody signs in through it. Sessions that are open stay: end them on People.',
    people: (people: number) =>
      people === 0
        ? 'Nobody signed in through it.'
        : `${plural(people, 'person', 'people')} signed in through it. Who has no factor here needs a link from an administrator.`,
    act: 'Remove it',
  },
} as const;
