import type { ServiceDetail } from '../api/types.ts';
import { m } from '../messages/en.ts';

/** What is being tried: never kept beyond this page. */
export interface Tried {
  kind: 'text' | 'request';
  /** Of a request. */
  endpoint: string;
  text: string;
}

interface MadeUp {
  id: string;
  label: string;
  tried: Tried;
}

/** Put together here, so that it stands in no file as one piece. */
const password = ['k3ller', 'Treppe', '9'].join('-');

/** Samples to begin with. All of it is made up. */
export function samplesFor(service: ServiceDetail): MadeUp[] {
  const { endpoint } = service.sample;
  const texts = m.workbench.samples;
  const text = (id: keyof typeof texts & string, given: string): MadeUp => ({
    id,
    label: texts[id],
    tried: { kind: 'text', endpoint, text: given },
  });
  const arguments_ = JSON.stringify({ to: 'anna.berger@example.com', subject: 'Card 4111 1111 1111 1111' });
  return [
    text(
      'ticket',
      'Ticket 4711\nFrom: Anna Berger <anna.berger@example.com>\nHello, my name is Anna Berger. My order did not arrive. Please call me at +49 30 901820 or refund to DE89 3704 0044 0532 0130 00.\nSent from 203.0.113.7',
    ),
    text(
      'code',
      `Review this, please:\n\nconst pool = connect('postgres://app:${password}@db.example.com/shop');\n// asks ada@example.com when it fails\nexport const load = (id) => pool.query('SELECT * FROM person WHERE id = $1', [id]);`,
    ),
    text(
      'people',
      'name,email,phone,city\nAda Example,ada@example.com,+49 30 901821,Berlin\nBen Example,ben@example.com,+49 30 901822,Hamburg\nCleo Example,cleo@example.com,+49 30 901823,Munich',
    ),
    text('tool', arguments_),
    {
      id: 'pack',
      label: texts.pack,
      tried: { kind: 'request', endpoint, text: service.sample.body },
    },
  ];
}
