export const signIn = {
  title: 'Sign in with the link from your terminal',
  tab: 'Sign in',
  where: 'Drawbridge prints a one-time link when it starts. Open that link in this browser.',
  command: 'For a new link, in the folder where Drawbridge runs:',
  why: 'There are no passwords yet: whoever can read the terminal of this machine may sign in, and the console answers on this machine only.',
  signingIn: 'Signing in',
} as const;
