import type { Statement, StatementResult } from "../service/bot-connection.ts";
import type { Footprint } from "./footprint.ts";

/** One thing a bot asks the database for: what the scheduler puts in an order. */
export interface Step {
  /** "find", "commit", "lifecycle/start": for people. */
  readonly name: string;
  readonly statement: Statement;
  /** What the bot's session had sent since its last step, and nobody could have noticed: BEGIN, mostly. */
  readonly before: readonly string[];
  readonly footprint: Footprint;
  /** What an error publishes: the server lets go of all that the transaction had locked. */
  readonly onError: Footprint;
}

export type StepResult =
  | { readonly kind: "rows"; readonly result: StatementResult }
  | { readonly kind: "error"; readonly code: string; readonly message: string };

/**
 * Where a bot is:
 *
 * ```
 *   running ──asks──▶ waiting ──opened──▶ busy ──answered──▶ running … finished
 *   (its own code)    (at the door)       (in the database)
 * ```
 */
export type Whereabouts = "running" | "waiting" | "busy" | "finished";

/** SQLSTATE of a statement that was called off: no other bot was faster, and nothing was done. */
const calledOff = "57014";

/** A bot's code stops here before every statement, until the scheduler lets it go on. */
export class Door {
  readonly bot: number;
  readonly #onChange: () => void;
  #at: Whereabouts = "running";
  #step: Step | undefined;
  #result: StepResult | undefined;
  #open: (() => void) | undefined;
  #refuse: ((error: Error) => void) | undefined;
  #isClosed = false;

  constructor(bot: number, onChange: () => void) {
    this.bot = bot;
    this.#onChange = onChange;
  }

  get at(): Whereabouts {
    return this.#at;
  }

  /** What the bot waits with, or has in the database. */
  get step(): Step | undefined {
    return this.#step;
  }

  /** The answer to the last step, once there is one. */
  get result(): StepResult | undefined {
    return this.#result;
  }

  /** Everything has been called off: the bot is to end. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The bot's side: carries a step out when its turn has come. */
  async pass(step: Step, carryOut: () => Promise<StatementResult>): Promise<StatementResult> {
    await this.#waitWith(step);
    try {
      const result = await carryOut();
      this.#result = { kind: "rows", result };
      return result;
    } catch (error) {
      const { code = "", message } = error as Error & { code?: string };
      this.#result = { kind: "error", code, message };
      throw error;
    } finally {
      this.#move("running");
    }
  }

  /** The scheduler's side: the step is carried out now. */
  open(): void {
    this.#result = undefined;
    this.#at = "busy";
    this.#open?.();
  }

  /** Calls off the step that waits, and every later one. */
  close(): void {
    this.#isClosed = true;
    this.#refuse?.(interruption());
  }

  /** A new program begins. */
  reset(): void {
    this.#isClosed = false;
    this.#step = undefined;
    this.#result = undefined;
    this.#at = "running";
  }

  finish(): void {
    this.#step = undefined;
    this.#move("finished");
  }

  async #waitWith(step: Step): Promise<void> {
    if (this.#isClosed) throw interruption();
    this.#step = step;
    const turn = new Promise<void>((resolve, reject) => {
      this.#open = resolve;
      this.#refuse = reject;
    });
    this.#move("waiting");
    await turn;
  }

  #move(at: Whereabouts): void {
    this.#at = at;
    this.#onChange();
  }
}

function interruption(): Error {
  return Object.assign(new Error("the schedule was called off"), { code: calledOff });
}
