// What bench/rules.ts asks of a server that it compares.

/** A server that was started with so many rules. */
export interface RuleServer {
  readonly pid: number;
  readonly writeUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** A rule's selector and its threshold, which no series reaches. */
export interface BenchRule {
  readonly expr: string;
  readonly above: number;
}
