import { jsonFormat } from '../documents/format.ts';
import { at, itemsOf, type Tree, textIn } from '../documents/tree.ts';
import type { Format } from '../format.ts';
import { timeOf } from '../time.ts';
import { tellApp } from './app.ts';

/**
 * Google Workspace Reports API, `applicationName=token`: a page, or a list of pages or of activities. Who granted is not kept.
 * https://developers.google.com/workspace/admin/reports/v1/appendix/activity/token
 */
export const googleTokens: Format = jsonFormat(
  {
    id: 'google-token-activities',
    name: 'OAuth grants (Google Workspace)',
    fits: (_, head) => {
      const isPage = /"applicationName"\s*:\s*"token"/.test(head);
      return isPage && /"events"\s*:/.test(head) ? 0.98 : isPage ? 0.6 : 0;
    },
  },
  (tree, traces) => {
    const pages = tree.is === 'list' ? tree.items : [tree];
    for (const page of pages) {
      const items = at(page, 'items');
      for (const activity of items === undefined ? [page] : itemsOf(items)) {
        const time = timeOf(textIn(at(activity, 'id', 'time')));
        for (const event of itemsOf(at(activity, 'events'))) {
          const kind = textIn(at(event, 'name'));
          // `revoke` takes access away; `activity` uses it.
          if (kind !== 'authorize' && kind !== 'activity') continue;
          const parameters = itemsOf(at(event, 'parameters'));
          const scopes = [...listOf(parameters, 'scope'), ...listOf(parameters, 'scope_data')];
          tellApp(traces, {
            name: valueIn(parameters, 'app_name'),
            clientId: valueIn(parameters, 'client_id'),
            scopes,
            grade: 'observed',
            line: event.line,
            at: time,
          });
        }
      }
    }
  },
);

const parameter = (parameters: readonly Tree[], name: string): Tree | undefined =>
  parameters.find((entry) => textIn(at(entry, 'name')) === name);

const valueIn = (parameters: readonly Tree[], name: string): string | undefined =>
  textIn(at(parameter(parameters, name), 'value'));

/** `multiValue` of texts, or `multiMessageValue` of messages that have a `scope_name`. */
function listOf(parameters: readonly Tree[], name: string): string[] {
  const found = parameter(parameters, name);
  const texts = itemsOf(at(found, 'multiValue')).map(textIn);
  const messages = itemsOf(at(found, 'multiMessageValue')).map((message) =>
    valueIn(itemsOf(at(message, 'parameter')), 'scope_name'),
  );
  return [...texts, ...messages].filter((scope) => scope !== undefined);
}
