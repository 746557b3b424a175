import { plural } from '../../design/format.ts';

/** Words of the exercises. */
export const exercises = {
  tab: 'Exercises',
  title: (made: number, never: number) =>
    never === made
      ? `${plural(made, 'incident', 'incidents')} of others can be played; none was yet`
      : never === 0
        ? `All ${made} exercises were played at least once`
        : `${made - never} of ${made} exercises were played`,
  lead: 'Each is an incident that others had, from public accounts that are named at its end. It opens a drill: messages come in as they did then, moved to today, and what you do in the room is timed. Nothing is cut, and nothing is sent to anybody.',
  seats: {
    company: 'Your data lay at the vendor',
    customer: 'Your people lay at a vendor of your vendor',
  },
  facts: (minutes: number, messages: number, goals: number) =>
    `${minutes} minutes · ${plural(messages, 'message', 'messages')} · ${plural(goals, 'goal', 'goals')}`,
  asOf: (day: string) => `Accounts read on ${day}`,
  neverRun: 'Not played yet',
  lastRun: (met: number, goals: number) => `Last time: ${met} of ${goals} goals met in time`,
  running: 'Running now',
  begin: 'Begin',
  goals: 'What is looked at',
  goal: (text: string, minutes: number) => `${text}, within ${plural(minutes, 'minute', 'minutes')}`,
  sheet: {
    title: (name: string) => `Begin: ${name}`,
    lead: 'It opens a drill that everybody who sees incidents can see, marked as a drill everywhere. You lead it.',
    pace: 'Pace of the messages',
    paces: {
      '1': { label: 'As it was', hint: 'Messages come at their own minutes' },
      '4': { label: 'Four times as fast', hint: 'A quarter of the time to read and think' },
      '20': { label: 'Twenty times as fast', hint: 'All at once, nearly: to try it out' },
    },
    paceHint: 'Goals count real minutes at every pace.',
    submit: 'Begin the exercise',
  },
  run: {
    title: (name: string, left: number) => `${name}: ${plural(left, 'minute', 'minutes')} left`,
    titleOver: (name: string) => `${name}: the planned time is over`,
    titleEnded: (met: number, goals: number) => `${met} of ${goals} goals were met in time`,
    lead: (by: string) => `Begun by ${by}`,
    drill: 'Drill',
    room: (number: number) => `Open the room of drill ${number}`,
    end: 'End the exercise',
    endTitle: 'End the exercise',
    endLead:
      'No message comes any more, and the score stands. The drill stays open until you close it in its room.',
    endSubmit: 'End it',
    score: 'Score',
    goals: 'Goals',
    scoreLead: 'Lines of people in the drill’s room count, and clocks that were ended there.',
    heads: { goal: 'Goal', within: 'Within', after: 'Reached after', state: 'State' },
    minutes: (minutes: number) => `${minutes} min`,
    states: {
      met: '✓ in time',
      late: '△ late',
      open: '◌ open',
      overdue: '△ time is over',
      missed: '✕ missed',
    },
    messages: 'What came in',
    none: 'Nothing came in yet.',
    toCome: (left: number) => `${plural(left, 'message', 'messages')} still to come.`,
    noMore: 'Nothing more comes.',
    at: (minute: number) => `Minute ${minute}`,
    readIn: (where: string) => `Read in: ${where}`,
    debrief: 'What really happened',
  },
} as const;
