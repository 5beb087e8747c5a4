/** The names under which answers are kept. `live-mapping.ts` says which of them a change makes old. */
export const keys = {
  session: ['session'],
  overview: ['overview'],
  status: ['status'],
  due: ['due'],
  demo: ['demo'],
  alerts: ['alerts', 'list'],
  alert: (id: string) => ['alerts', 'one', id],
  runs: ['runs', 'list'],
  run: (id: string) => ['runs', 'one', id],
  actions: ['actions'],
  recommendations: ['recommendations'],
  hosts: ['hosts'],
  users: ['users'],
  tokens: ['tokens'],
  audit: ['audit'],
  /** Series whose next sample should be seen at once; others are asked in the rhythm of their step. */
  liveSeries: ['series', 'live'],
  slowSeries: ['series', 'slow'],
  metrics: ['metrics'],
  seriesStatus: ['series-status'],
  /** Answers to the queries of Explore: renewed only as its page says. */
  explore: ['explore'],
} as const;
