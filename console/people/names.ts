import { useQuery } from '@tanstack/react-query';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { calledBy } from './state.ts';

/** What people are called, by their ids. Undefined for who is not known, and for all where one may not see people. */
export function usePersonName(): (id: string) => string | undefined {
  const mayRead = useMay('person.read');
  const people = useQuery({ ...queries.people(), enabled: mayRead });
  return (id) => {
    const person = people.data?.find((one) => one.id === id);
    return person === undefined ? undefined : calledBy(person);
  };
}
