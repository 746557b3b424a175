import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { Section } from '../design/page.tsx';
import { agreementsDue as words } from '../messages/pages/agreements-due.ts';
import { Permitted } from '../shell/permitted.tsx';

const SHOWN = 10;

/** Agreements that run out soon; nothing where none does. */
export function AgreementsDue() {
  return (
    <Permitted action="register.read">
      <Due />
    </Permitted>
  );
}

function Due() {
  const items = useQuery(queries.agreementsDue()).data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={words.title} lead={words.lead}>
      <ul className="border-t border-line">
        {items.slice(0, SHOWN).map((one) => (
          <li
            key={one.id}
            className="flex flex-wrap items-baseline justify-between gap-x-6 border-b border-line py-2"
          >
            <span>
              <Link
                to="/vendors/$vendor"
                params={{ vendor: one.vendor }}
                hash="agreements"
                className="number-link font-strong"
              >
                {one.vendorName}
              </Link>{' '}
              {words.kinds[one.kind]}
            </span>
            <span className={one.due === 'over' || one.due === '7' ? 'text-alert' : 'text-soft'}>
              {words.ends(one.validUntil ?? '', one.due === 'over')}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
