import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { keep } from '../shell/search.ts';
import { signedIn, tableState } from './base.ts';

const incidents = createRoute({
  getParentRoute: () => signedIn,
  path: '/incidents',
  validateSearch: keep('act', 'from', 'party', 'state', 'to', ...tableState),
  component: lazyRouteComponent(() => import('../incidents/list.tsx'), 'IncidentsPage'),
});

const incident = createRoute({
  getParentRoute: () => signedIn,
  path: '/incidents/$incident',
  validateSearch: keep('act', 'of', 'tab'),
  component: lazyRouteComponent(() => import('../incidents/incident.tsx'), 'IncidentPage'),
});

const factSheet = createRoute({
  getParentRoute: () => signedIn,
  path: '/incidents/$incident/facts',
  component: lazyRouteComponent(() => import('../notices/sheet-page.tsx'), 'FactSheetPage'),
});

const noticesOfIncident = createRoute({
  getParentRoute: () => signedIn,
  path: '/incidents/$incident/notices',
  component: lazyRouteComponent(() => import('../notices/notices-page.tsx'), 'NoticesPage'),
});

const notice = createRoute({
  getParentRoute: () => signedIn,
  path: '/incidents/$incident/notices/$notice',
  component: lazyRouteComponent(() => import('../notices/notice-page.tsx'), 'NoticePage'),
});

const breachRegister = createRoute({
  getParentRoute: () => signedIn,
  path: '/breach-register',
  validateSearch: keep('of'),
  component: lazyRouteComponent(() => import('../notices/breach-register.tsx'), 'BreachRegisterPage'),
});

const exercises = createRoute({
  getParentRoute: () => signedIn,
  path: '/exercises',
  validateSearch: keep('act', ...tableState),
  component: lazyRouteComponent(() => import('../exercises/page.tsx'), 'ExercisesPage'),
});

const exerciseRun = createRoute({
  getParentRoute: () => signedIn,
  path: '/exercises/$run',
  validateSearch: keep('act', ...tableState),
  component: lazyRouteComponent(() => import('../exercises/run.tsx'), 'ExerciseRunPage'),
});

const messages = createRoute({
  getParentRoute: () => signedIn,
  path: '/messages',
  validateSearch: keep('channel', ...tableState),
  component: lazyRouteComponent(() => import('../verify/page.tsx'), 'MessagesPage'),
});

const message = createRoute({
  getParentRoute: () => signedIn,
  path: '/messages/$message',
  validateSearch: keep('act'),
  component: lazyRouteComponent(() => import('../verify/message.tsx'), 'MessagePage'),
});

const messageQueue = createRoute({
  getParentRoute: () => signedIn,
  path: '/messages/queue',
  validateSearch: keep('act', 'campaign', 'order', 'q', 'state', 'vendor', 'verdict', ...tableState),
  component: lazyRouteComponent(() => import('../verify/queue.tsx'), 'MessageQueuePage'),
});

const messageCampaigns = createRoute({
  getParentRoute: () => signedIn,
  path: '/messages/campaigns',
  validateSearch: keep(...tableState),
  component: lazyRouteComponent(() => import('../verify/campaigns.tsx'), 'CampaignsPage'),
});

const messageCampaign = createRoute({
  getParentRoute: () => signedIn,
  path: '/messages/campaigns/$campaign',
  validateSearch: keep(...tableState),
  component: lazyRouteComponent(() => import('../verify/campaign.tsx'), 'CampaignPage'),
});

const messageSenders = createRoute({
  getParentRoute: () => signedIn,
  path: '/messages/senders',
  validateSearch: keep('act', 'of', 'vendor', ...tableState),
  component: lazyRouteComponent(() => import('../verify/senders-page.tsx'), 'SendersPage'),
});

const leaks = createRoute({
  getParentRoute: () => signedIn,
  path: '/leaks',
  validateSearch: keep('state', 'kind', 'source', 'act', 'leak', ...tableState),
  component: lazyRouteComponent(() => import('../leaks/page.tsx'), 'LeaksPage'),
});

const leak = createRoute({
  getParentRoute: () => signedIn,
  path: '/leaks/$leak',
  validateSearch: keep('act'),
  component: lazyRouteComponent(() => import('../leaks/leak.tsx'), 'LeakPage'),
});

/** Pages for when something happens: incidents, notices, exercises, messages, leaks. */
export const incidentsPages = [
  incidents,
  incident,
  factSheet,
  noticesOfIncident,
  notice,
  breachRegister,
  exercises,
  exerciseRun,
  messages,
  message,
  messageQueue,
  messageCampaigns,
  messageCampaign,
  messageSenders,
  leaks,
  leak,
] as const;
