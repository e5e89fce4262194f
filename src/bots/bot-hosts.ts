/** The processes that bots live in, as faults see them. */
export interface BotHosts {
  /** Those that are neither dead nor stopped. */
  readonly running: readonly BotHost[];
}

/** One process with bots in it. */
export interface BotHost {
  /** 1, 2, 3 … */
  readonly place: number;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  readonly bots: readonly number[];
  /** What its bots were at, by what they have recorded. */
  atStake(): AtStake;
  /** SIGKILL. Resolves when the process is gone and all that it recorded has been read. Idempotent. */
  kill(): Promise<void>;
  /** After a kill: a new process with the same bots, which first ask what they hold. Idempotent; resolves when it is ready. */
  restart(): Promise<void>;
  /** SIGSTOP. Resolves when the process stands still. */
  stop(): Promise<void>;
  /** SIGCONT. Idempotent. */
  continue(): Promise<void>;
}

export interface AtStake {
  /** Bots that were granted a claim and have not settled it. */
  readonly holding: number;
  /** Bots that have asked for something and not been answered. */
  readonly operating: number;
}
