import type { Incident, IncidentAttachment, IncidentLine, IncidentRow } from '../api/room-types.ts';
import {
  ada,
  asLine,
  clocksOf,
  entry,
  hours,
  madeUpIncident,
  openId,
  startIncidents,
  task,
} from './fake-room-data.ts';
import type { Answer, Asked } from './fake-routes.ts';

/** The incident room and its clocks, in memory. */
export interface FakeRoom {
  incidents: Incident[];
  lines: Map<string, IncidentLine[]>;
  files: Map<string, (IncidentAttachment & { content: Buffer })[]>;
  now: number;
}

export function makeFakeRoom(empty: boolean, now = Date.now()): FakeRoom {
  const incidents = empty ? [] : startIncidents(now);
  const seen: IncidentLine[] = [
    {
      ...asLine(
        entry(0, 'message_judged', {
          at: hours(now, -3.5),
          about: 'sms',
          text: '12 messages that are like each other and speak for the vendor were judged an impersonation',
        }),
      ),
      n: null,
      origin: 'messages',
      opens: '0199c0de-0000-7000-8000-0000000000f1',
    },
    {
      ...asLine(
        entry(0, 'first_crossing', {
          at: hours(now, -4),
          by: 'web-shop',
          about: 'forwarded',
          text: 'Mixpanel EU',
        }),
      ),
      n: null,
      origin: 'ledger',
      opens: '0199c0de-0000-7000-8000-000000000001',
    },
    {
      ...asLine(
        entry(0, 'change_made', {
          at: hours(now, -4.5),
          about: 'connection.change',
          text: 'connection mixpanel_eu',
        }),
      ),
      n: null,
      origin: 'change_log',
      opens: '0199c0de-0000-7000-8000-000000000041',
    },
    ...Array.from({ length: 60 }, (_, at) =>
      asLine(entry(61 - at, 'note', { at: hours(now, -4.6), text: `Note ${61 - at}` })),
    ),
    asLine(entry(1, 'opened', { at: hours(now, -5), text: 'Mixpanel was breached' })),
  ];
  return { incidents, lines: new Map([[openId, seen]]), files: new Map(), now };
}

const ok = (body: unknown, status = 200): Answer => ({ status, body });
const page = <Item>(items: readonly Item[], query: URLSearchParams): Answer => {
  const start = Number(query.get('cursor') ?? 0);
  const end = start + Number(query.get('limit') ?? 50);
  return ok({ items: items.slice(start, end), next: end < items.length ? String(end) : null });
};
const missing: Answer = {
  status: 404,
  body: { title: 'Not found', status: 404, code: 'not_found', detail: 'There is no such incident.' },
};

const rowOf = (one: Incident): IncidentRow => {
  const open = one.tasks.filter(({ state }) => state === 'open');
  return {
    ...one,
    openTasks: open.length,
    openActions: open.filter(({ phase }) => phase === 'review').length,
    nextDueAt: open.flatMap(({ dueAt }) => dueAt ?? []).sort()[0] ?? null,
  };
};

export function answerRoom(room: FakeRoom, asked: Asked): Answer | null {
  const { method, path, query } = asked;
  const body = (asked.body ?? {}) as Record<string, unknown>;
  if (path === '/playbooks') {
    const playbook = { asOf: '2026-11-23', tasks: 15, questions: 8 };
    return ok({
      items: [
        {
          ...playbook,
          id: 'vendor-data-breach',
          name: 'Vendor data breach',
          when: 'A vendor lost data that is ours.',
        },
        { ...playbook, id: 'vendor-lost', name: 'Vendor lost', when: 'A vendor does not answer any more.' },
      ],
    });
  }
  if (path === '/clocks') return wall(room, query);
  if (path === '/incident-actions') return actions(room, query);
  if (path === '/incidents' && method === 'GET') {
    const state = query.get('state');
    const drill = query.get('drill');
    const sought = (query.get('q') ?? '').toLowerCase();
    const found = room.incidents.filter(
      (one) =>
        (state === null || one.state === state) &&
        (drill === null || String(one.drill) === drill) &&
        (String(one.number) === sought || one.title.toLowerCase().includes(sought)),
    );
    return page(found.map(rowOf), query);
  }
  if (path === '/incidents') {
    const party = body.party === undefined ? null : { id: String(body.party), name: 'Mixpanel' };
    const made = madeUpIncident(Date.now(), {
      id: `0199c0de-0000-7000-8000-${String(room.incidents.length + 100).padStart(12, '0')}`,
      number: room.incidents.length + 1,
      title: String(body.title),
      severity: body.severity as Incident['severity'],
      drill: body.drill === true,
      restricted: body.restricted === true,
      occurredFrom: (body.occurredFrom as string | undefined) ?? null,
      occurredTo: (body.occurredTo as string | undefined) ?? null,
      party,
    });
    room.incidents.unshift(made);
    room.lines.set(made.id, [asLine(entry(1, 'opened', { text: made.title, at: made.openedAt }))]);
    return ok(made, 201);
  }
  const [, id, rest = ''] = /^\/incidents\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  if (id === undefined) return null;
  const incident = room.incidents.find((one) => one.id === id);
  return incident === undefined ? missing : answerOne(room, incident, rest, asked, body);
}

function wall(room: FakeRoom, query: URLSearchParams): Answer {
  const rows = room.incidents
    .filter(({ state }) => state === 'open')
    .flatMap(({ id, number, title, drill, openedAt }) =>
      clocksOf(Date.parse(openedAt)).map((clock) => ({ incident: { id, number, title, drill }, clock })),
    )
    .sort((a, b) => (a.clock.due?.at ?? '9').localeCompare(b.clock.due?.at ?? '9'));
  return page(rows, query);
}

const actions = (room: FakeRoom, query: URLSearchParams): Answer =>
  page(
    room.incidents.flatMap(({ id, number, title, drill, state, tasks }) =>
      tasks
        .filter((one) => one.phase === 'review' && one.state === 'open' && one.owner !== null)
        .map((one) => ({ incident: { id, number, title, drill, state }, task: one })),
    ),
    query,
  );

function answerOne(
  room: FakeRoom,
  incident: Incident,
  rest: string,
  { method, query, headers, body: raw }: Asked,
  body: Record<string, unknown>,
): Answer {
  const lines = room.lines.get(incident.id) ?? [];
  room.lines.set(incident.id, lines);
  const text = (name: string): string => String(body[name] ?? '');
  const add = (kind: string, part: Parameters<typeof entry>[2]) => {
    const n = Math.max(10, ...lines.map((one) => one.n ?? 0)) + 1;
    const made = entry(n, kind, { at: new Date().toISOString(), ...part });
    lines.unshift(asLine(made));
    return made;
  };
  if (method === 'GET') return readOne(room, incident, rest, query, lines);
  if (rest === '' && method === 'PATCH') {
    Object.assign(incident, body);
    return ok(incident);
  }
  if (rest === '/related' || rest === '/merge') {
    const other = room.incidents.find(({ id }) => id === body.other);
    if (other === undefined) return missing;
    if (rest === '/merge') Object.assign(incident, { state: 'merged', mergedInto: other.id });
    else incident.related.push({ id: other.id, number: other.number });
    add(rest === '/merge' ? 'merged' : 'related', { text: `incident ${other.number}` });
    return ok(incident, rest === '/merge' ? 200 : 201);
  }
  if (rest === '/claims') {
    const made = add('claim', {
      about: text('about') || 'data',
      text: text('text'),
      source: text('source'),
      confidence: 'unverified',
      happenedAt: text('learnedAt'),
    });
    const replaced = incident.claims.find(({ n }) => n === body.replaces);
    if (replaced !== undefined) {
      made.about = replaced.about;
      replaced.replacedBy = made.n;
      incident.contradicted = incident.contradicted.filter((about) => about !== replaced.about);
    }
    incident.claims.push({ ...made, replacedBy: null, withdrawnBy: null });
    return ok(incident, 201);
  }
  const [, claim] = /^\/claims\/(\d+)\/withdrawal$/.exec(rest) ?? [];
  if (claim !== undefined) {
    const made = add('withdrawn', { text: text('text'), refers: Number(claim) });
    for (const one of incident.claims) if (one.n === Number(claim)) one.withdrawnBy = made.n;
    return ok(incident, 201);
  }
  if (rest === '/questions') {
    const made = add('question', { text: text('text'), dueAt: text('dueAt') });
    incident.questions.push({ ...made, answers: [], silentSince: null });
    return ok(incident, 201);
  }
  const [, question] = /^\/questions\/(\d+)\/answers$/.exec(rest) ?? [];
  if (question !== undefined) {
    const made = add('answer', { text: text('text'), source: text('source'), refers: Number(question) });
    for (const one of incident.questions) {
      if (one.n === Number(question))
        Object.assign(one, { answers: [...one.answers, made], silentSince: null });
    }
    return ok(incident, 201);
  }
  if (rest === '/notes') {
    add('note', { text: text('text') });
    return ok(incident, 201);
  }
  if (rest === '/decisions') {
    incident.decisions.push(add('decision', { text: text('text'), source: text('why') }));
    return ok(incident, 201);
  }
  if (rest === '/tasks') {
    const n = incident.tasks.length + 20;
    const owner = body.owner === undefined ? null : { id: text('owner'), name: ada.name };
    incident.tasks.push(
      task(n, {
        title: text('title'),
        phase: body.phase as 'review',
        owner,
        dueAt: (body.dueAt as string | undefined) ?? null,
      }),
    );
    return ok(incident, 201);
  }
  const [, changed] = /^\/tasks\/(\d+)$/.exec(rest) ?? [];
  if (changed !== undefined) {
    for (const one of incident.tasks) {
      if (one.n !== Number(changed)) continue;
      const isOver = body.state === 'done' || body.state === 'dropped';
      Object.assign(one, body, {
        owner:
          body.owner === undefined
            ? one.owner
            : body.owner === null
              ? null
              : { id: text('owner'), name: ada.name },
        endedAt: isOver ? new Date().toISOString() : null,
        endedBy: isOver ? ada.name : null,
      });
    }
    return ok(incident);
  }
  if (rest === '/members') {
    incident.members = [
      ...incident.members.filter(({ person }) => person !== body.person),
      {
        person: text('person'),
        name: text('person'),
        roles: body.roles as [],
        since: new Date().toISOString(),
      },
    ];
    return ok(incident);
  }
  if (rest === '/attachments') {
    const name = query.get('name') ?? '';
    const content = Buffer.isBuffer(raw) ? raw : Buffer.from(String(raw));
    const made = add('attachment', { text: name });
    const files = room.files.get(incident.id) ?? [];
    files.unshift({
      n: made.n,
      name,
      content,
      hash: 'c0de'.repeat(16),
      bytes: content.length,
      type: headers['content-type'] ?? '',
      at: made.at,
      by: made.by,
    });
    room.files.set(incident.id, files);
    return ok(incident, 201);
  }
  if (rest.startsWith('/clocks')) return ok(clocksBody(incident));
  return missing;
}

const clocksBody = (incident: Incident) => ({
  facts: { times: {}, answers: {}, ends: {} },
  result: {
    at: new Date().toISOString(),
    clocks: clocksOf(Date.parse(incident.openedAt)),
    set_aside: [],
    questions: [
      {
        id: 'high_risk',
        text: 'Is the risk to persons likely to be high?',
        of: 'incident',
        choices: ['yes', 'no'],
        rules: ['gdpr-34'],
      },
    ],
    times: [{ id: 'aware_personal_data', text: 'that personal data were in it', rules: ['gdpr-33'] }],
  },
  profileComplete: false,
});

function readOne(
  room: FakeRoom,
  incident: Incident,
  rest: string,
  query: URLSearchParams,
  lines: readonly IncidentLine[],
): Answer {
  const files = room.files.get(incident.id) ?? [];
  if (rest === '') return ok(incident);
  if (rest === '/clocks') return ok(clocksBody(incident));
  if (rest === '/timeline') return page(lines, query);
  if (rest === '/attachments')
    return page(
      files.map(({ content: _, ...file }) => file),
      query,
    );
  const file = files.find(({ n }) => rest === `/attachments/${n}`);
  return file === undefined ? missing : { status: 200, body: undefined, raw: file.content };
}
