import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { write } from '../api/client.ts';
import type { Example, PolicyChecked } from '../api/policy-types.ts';

/** How long nobody types before the text is checked, in milliseconds. */
const quiet = 300;

/** What is wrong with a text, and what becomes of its examples, as it is typed. */
export function useCheck(name: string, text: string, examples: readonly Example[]) {
  const [asked, ask] = useState({ name, text, examples });
  useEffect(() => {
    const timer = setTimeout(() => ask({ name, text, examples }), quiet);
    return () => clearTimeout(timer);
  }, [name, text, examples]);
  const checked = useQuery({
    queryKey: ['/policies/check', asked],
    queryFn: () => write<PolicyChecked>('POST', '/policies/check', { body: asked }),
    placeholderData: keepPreviousData,
    meta: { topics: ['policies'] },
  });
  const isCurrent = asked.text === text && asked.name === name && asked.examples === examples;
  return { checked: checked.data, error: checked.error, checking: checked.isFetching || !isCurrent };
}
