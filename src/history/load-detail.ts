/** What was measured while the load of a round ran, beside what the bots saw: on the `end` of its round. */
export interface LoadDetail {
  readonly generator: GeneratorDetail;
  /** Of an open loop: what became of its arrivals. */
  readonly arrivals?: {
    readonly scheduled: number;
    readonly late: number;
    readonly skipped: number;
  };
  /** How often each wait event was seen in a backend of a bot; absent where nothing could be sampled. */
  readonly waits?: Readonly<Record<string, number>>;
  /** The jobs table over the load, in the order of time. */
  readonly growth?: readonly GrowthSample[];
  /** How fast the machine was just before the load, by work that is the same in every round. */
  readonly canary?: CanaryDetail;
}

/** The process that drives the bots. */
export interface GeneratorDetail {
  /** Beyond what a timer takes anyway. */
  readonly eventLoopDelayMsP99: number;
  /** CPU seconds a second, all threads: 1 is a whole core. */
  readonly cpuShare: number;
  /** Part of the time that the loop was not waiting for anything, 0 to 1. */
  readonly loopUtilization: number;
}

export interface GrowthSample {
  /** From the start of the load. */
  readonly atMs: number;
  readonly deadTuples: number;
  readonly tableBytes: number;
  readonly indexBytes: number;
}

export interface CanaryDetail {
  /** A fixed loop of arithmetic. */
  readonly cpuMs: number;
  /** A fixed number of `SELECT 1`, one after the other. */
  readonly queryMs: number;
}
