import { callOut, invalid, OutboundError, type OutboundNetwork, readOut } from '../platform/index.ts';
import { LONGEST_LIST } from './lists/read.ts';

const TIMEOUT_MS = 15_000;
const MOST_REDIRECTS = 3;
const WHO = 'The page';

/**
 * Reads a published page: https alone, public addresses alone (also of each redirect), at most a megabyte. Throws Problem 422
 * that names `url` and says why there is no page.
 *
 * @param call how one request is sent
 */
export async function fetchPage(
  address: string,
  network: OutboundNetwork,
  call: typeof callOut = callOut,
): Promise<{ content: string; url: string }> {
  let url = new URL(address);
  try {
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      if (url.protocol !== 'https:') throw invalid('url', 'leads to an address that is not https');
      const answer = await call(
        {
          url,
          method: 'GET',
          body: '',
          headers: { accept: 'text/html, text/markdown, text/csv, text/plain;q=0.9' },
          isPrivate: false,
          timeoutMs: TIMEOUT_MS,
          signal: AbortSignal.timeout(TIMEOUT_MS),
          who: WHO,
        },
        network,
      );
      const { statusCode: status = 0, headers } = answer;
      if (status === 200) {
        return { content: new TextDecoder().decode(await readOut(answer, LONGEST_LIST, WHO)), url: url.href };
      }
      answer.destroy();
      const next = status >= 301 && status <= 308 ? URL.parse(headers.location ?? '', url.href) : null;
      if (next === null)
        throw invalid('url', `answers with status ${status}; open it in a browser and paste its list`);
      url = next;
    }
  } catch (error) {
    if (error instanceof OutboundError) throw invalid('url', reasonOf(error));
    throw error;
  }
  throw invalid('url', `leads on more than ${MOST_REDIRECTS} times`);
}

const reasonOf = ({ code, message }: OutboundError): string =>
  code === 'private_address' ? 'leads into a private network; only public pages are read' : message;
