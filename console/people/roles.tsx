import { useQuery } from '@tanstack/react-query';
import type { PermittedAct, Role } from '../api/identity-types.ts';
import { queries } from '../api/queries.ts';
import { TextLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { isForbidden, NotPermitted } from './not-permitted.tsx';
import { roleName } from './words.ts';

const words = m.roles;

/** Every act, in the order in which the roles name them. */
export function actsOf(roles: readonly Role[]): PermittedAct[] {
  const acts = new Map<string, PermittedAct>();
  for (const role of roles) for (const act of role.actions) if (!acts.has(act.id)) acts.set(act.id, act);
  return [...acts.values()];
}

function permit(role: Role, act: string): 'yes' | 'own' | 'no' {
  const found = role.actions.find((one) => one.id === act);
  if (found === undefined) return 'no';
  return found.own ? 'own' : 'yes';
}

/** Each role as the acts that it permits: a matrix where there is room, a list for each role on a phone. */
export function RolesPage() {
  const roles = useQuery(queries.roles());
  if (isForbidden(roles.error)) return <NotPermitted tab={words.tab} title={m.people.notPermitted} />;
  if (roles.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {roles.error ? (
          <Trouble error={roles.error} onRetry={() => void roles.refetch()} />
        ) : (
          <Bones lines={8} />
        )}
      </PageFrame>
    );
  }
  const { items } = roles.data;
  const acts = actsOf(items);
  return (
    <PageFrame
      tab={words.tab}
      title={words.title(items.length, acts.length)}
      lead={
        <>
          {words.lead} {words.sensitiveMeans} <TextLink to="/people">{words.back}</TextLink>
        </>
      }
    >
      <div className="max-md:hidden">
        <Matrix roles={items} acts={acts} />
      </div>
      <section aria-label={words.phone} className="flex flex-col gap-2 md:hidden">
        {items.map((role) => (
          <OneRole key={role.id} role={role} of={acts.length} />
        ))}
      </section>
    </PageFrame>
  );
}

function Matrix({ roles, acts }: { roles: readonly Role[]; acts: readonly PermittedAct[] }) {
  return (
    <ScrollRegion label={words.table}>
      <table className="w-full text-left" aria-label={words.table}>
        <thead>
          <tr className="border-b border-line-strong align-bottom text-small">
            <th scope="col" className="py-2 pr-4 font-strong">
              {words.act}
            </th>
            {roles.map((role) => (
              <th
                key={role.id}
                scope="col"
                className="px-2 py-2 font-strong"
                title={m.people.roleTexts[role.id]}
              >
                {roleName(role.id)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {acts.map((act) => (
            <tr key={act.id} className="border-b border-line hover:bg-sunken">
              <th scope="row" className="py-1.5 pr-4 font-normal">
                {act.text}
                {act.sensitive ? <span className="text-small text-soft"> · {words.sensitive}</span> : null}
              </th>
              {roles.map((role) => (
                <td key={role.id} className="px-2 py-1.5 whitespace-nowrap">
                  <Permit how={permit(role, act.id)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function Permit({ how }: { how: 'yes' | 'own' | 'no' }) {
  if (how === 'no') {
    return (
      <span className="text-soft">
        <span aria-hidden="true">·</span>
        <span className="sr-only">{words.no}</span>
      </span>
    );
  }
  return <span className={how === 'yes' ? 'font-strong' : ''}>{how === 'yes' ? words.yes : words.own}</span>;
}

function OneRole({ role, of }: { role: Role; of: number }) {
  return (
    <details className="rounded-md border border-line bg-panel">
      <summary className="flex flex-col gap-0.5 px-4 py-3">
        <span className="font-strong">{roleName(role.id)}</span>
        <span className="text-soft">{m.people.roleTexts[role.id] ?? role.text}</span>
        <span className="text-small text-soft">{words.permits(role.actions.length, of)}</span>
      </summary>
      <ul className="border-t border-line px-4 py-2">
        {role.actions.map((act) => (
          <li key={act.id} className="py-1">
            {act.text}
            {act.own ? <span className="font-strong"> ({words.own})</span> : null}
            {act.sensitive ? <span className="text-small text-soft"> · {words.sensitive}</span> : null}
          </li>
        ))}
      </ul>
    </details>
  );
}
