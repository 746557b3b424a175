import type { AppPrivacy } from '../api/privacy-types.ts';
import type { World } from './fake-world.ts';

/** Made up: addresses go down as they are tokenised from one day on, and one connection is not looked through. */
export function fakePrivacy({ days, crossings, connections }: World, app: string, back: number): AppPrivacy {
  const wanted = days.slice(-back);
  const isQuiet = !crossings.some((one) => one.app.id === app);
  const [first, other] = connections;
  if (isQuiet || first === undefined) {
    const none = { crossings: 0, looked: 0, partly: 0, notLooked: 0, unread: 0 };
    return { days: wanted.map((day) => ({ day, ...none })), items: [], connections: [] };
  }
  const items = wanted.flatMap((day, index) => {
    const n = index + 30 - back;
    const of = (kind: string, treatment: string, count: number) =>
      count > 0 ? [{ day, class: kind, treatment, crossings: count }] : [];
    if (n % 7 === 5) return [];
    return [
      ...of('person.email', n < 12 ? 'pass' : 'tokenise', 40 + ((n * 17) % 23)),
      ...of('person.name', n < 12 ? 'pass' : 'pseudonymise', 12 + ((n * 7) % 9)),
      ...of('person.phone', 'drop', (n * 5) % 11),
      ...of('secret.api_key', 'refuse', n % 9 === 4 ? 3 : 0),
    ];
  });
  return {
    days: wanted.map((day, index) => {
      const n = index + 30 - back;
      if (n % 7 === 5) return { day, crossings: 0, looked: 0, partly: 0, notLooked: 0, unread: 0 };
      if (n < 4) return { day, crossings: 90, looked: 0, partly: 0, notLooked: 88, unread: 2 };
      return {
        day,
        crossings: 120,
        looked: 80,
        partly: 0,
        notLooked: n % 5 === 0 ? 38 : 0,
        unread: n % 5 === 0 ? 2 : 40,
      };
    }),
    items,
    connections: [
      { id: first.id, name: first.name, crossings: 2_000, notLooked: 540 },
      ...(other === undefined ? [] : [{ id: other.id, name: other.name, crossings: 700, notLooked: 0 }]),
    ],
  };
}
