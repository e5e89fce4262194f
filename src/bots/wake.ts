/** How the bots of one process learn of work when they have found none. */
export interface Wake extends AsyncDisposable {
  /** Begins to listen, trying again until it works; false where `signal` aborts first. Idempotent, also after a loss. */
  listen(signal: AbortSignal): Promise<boolean>;
  /** One bot's own. */
  rest(): Rest;
}

/** What one bot does between an empty answer and its next question. It outlasts a phase: nobody wakes because a load ends. */
export interface Rest {
  /** It found nothing, and nothing has woken it yet. Whoever polls waits for nothing. */
  readonly isWaiting: boolean;
  /** It asks now: only what it is told of from here on can be news to it. */
  ask(): void;
  foundNothing(): void;
  foundWork(): void;
  /** Resolves at once where it found something; else when it should ask again, or `signal` aborts. */
  over(signal: AbortSignal): Promise<void>;
}
