export const signIn = {
  tab: 'Sign in',
  title: 'Sign in',
  titleFirst: 'Open the link from your terminal',
  first:
    'Nobody has an account here yet. Drawbridge printed a link when it started: open it in this browser to become the first administrator.',
  command: 'For a new link, in the folder where Drawbridge runs:',
  linkUse: 'Opening the link',
  linkTitle: 'This link does not open anything',
  linkNew: 'Ask whoever sent it for a new one. If you have an account, sign in.',
  toSignIn: 'Sign in',

  passkey: 'Sign in with a passkey',
  passkeyHint: 'Your finger, your face, or the code of this device. No e-mail address needed.',
  passkeyWaiting: 'Waiting for this device',
  otherWay: 'Or with your password',
  email: 'E-mail address',
  password: 'Password',
  show: 'Show',
  hide: 'Hide',
  showPassword: 'Show the password',
  next: 'Continue',
  with: (name: string) => `Sign in with ${name}`,
  lost: 'I have lost my device',
  help: 'No account? Somebody who has one can invite you.',

  secondTitle: 'One more factor',
  secondLead: 'Your password was right. It never opens anything alone.',
  code: 'Code from your authenticator app',
  codeHint: 'Six digits that change every 30 seconds.',
  submitCode: 'Sign in',
  orPasskey: 'Use a passkey instead',
  useRecovery: 'I do not have my device',
  useCode: 'I have my device',
  startAgain: 'Sign in as somebody else',

  recoveryTitle: 'Sign in with a recovery code',
  recoveryLead:
    'One of the ten codes that you kept when you made your account. Each works once. Afterwards you set up a new way to sign in.',
  recoveryCode: 'Recovery code',
  recoveryHint: 'Capitals, spaces and dashes do not matter.',
  noCodes:
    'No codes left? Somebody who may invite people can reset your factors, and gives you a new link. On the machine itself, the command below does it.',

  problem: 'Signing in there did not work. Try again, or take another way.',
  problems: {
    oidc_began_elsewhere: 'This sign-in began in another browser, or too long ago. Begin again here.',
    oidc_refused: 'The sign-in service did not let you in, or you stopped there.',
    oidc_not_verified: 'What the sign-in service answered could not be verified. Tell an administrator.',
    oidc_issuer_away: 'The sign-in service did not answer. Try again in a minute, or take another way.',
    oidc_unknown_person:
      'Nobody with that account has been invited here. Ask somebody who may invite people.',
    oidc_other_identity:
      'Your account here belongs to another account of that sign-in service. Sign in with that one, or ask an administrator.',
    oidc_not_let_in: 'Your access here has ended. Ask an administrator.',
    oidc_no_second_factor:
      'That sign-in proved one factor only, and you have no second one here. Ask an administrator for a new link.',
  } as Record<string, string>,

  tooMany: (when: string) => `Too many tries. Try again ${when}.`,
  whenSeconds: (seconds: number) => `in ${seconds === 1 ? 'a second' : `${seconds} seconds`}`,
  whenMinutes: (minutes: number) => `in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`,
  whenHours: (hours: number) => `in ${hours === 1 ? 'an hour' : `${hours} hours`}`,
} as const;
