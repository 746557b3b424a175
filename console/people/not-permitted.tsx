import { ApiError } from '../api/client.ts';
import { PageFrame } from '../design/page.tsx';
import { m } from '../messages/en.ts';

/** Whether a page stays empty because who is signed in may not see what is on it. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'not_permitted';
}

/** In the place of a page that one may not see: that it is so, and who can change it. */
export function NotPermitted({ tab, title }: { tab: string; title: string }) {
  return <PageFrame tab={tab} title={title} lead={m.problem.whoCan} />;
}
