import { askOver, type Enrolled, enrol } from '../../control/identity/testing.ts';

interface Running {
  apiUrl: string;
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
}

/** Enrols a made-up first administrator with password and authenticator app, through the API, and is signed in as them. */
export async function enrolledSession({ apiUrl, call }: Running): Promise<Enrolled> {
  const { token } = await call<{ token: string }>('POST', '/sign-in-links', { reason: 'a test' });
  return enrol(askOver(apiUrl), { token, email: 'first@example.com' });
}
