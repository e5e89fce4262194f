import type { Bot, Record as RecordEvent } from "../bots/bot.ts";
import type { BotConnection } from "../service/bot-connection.ts";

/** What a program has to do with: one bot, the same in every schedule but for its number. */
export interface Actor {
  readonly bot: Bot;
  /** The bot's own, for a program that talks to the database itself. */
  readonly connection: Pick<BotConnection, "query">;
  /** Takes down what such a program was told, for the checks. */
  readonly record: RecordEvent;
  /** How often a claim that lost a race is tried before the bot gives up. */
  readonly attempts: number;
  /** Aborts when the schedule is called off. */
  readonly signal: AbortSignal;
}

/**
 * What one bot does in a schedule: any function that ends, and whose statements go through the bot's connection. What it
 * does next may depend on the answers; it must not depend on chance or on the time.
 */
export interface Program {
  readonly summary: string;
  readonly run: (actor: Actor) => Promise<void>;
  /** It does nothing but by `bot`, so that bots may stand for each other where the strategy lets them. */
  readonly isOneForAll?: true;
  /**
   * Beside the bots somebody takes claims whose lease has run out, once. Leases have run out as soon as they are given:
   * so whatever a bot does may come before its lease ran out, or after.
   */
  readonly hasRescue?: true;
}

export const programs = {
  claim: {
    summary: "every bot claims once and keeps what it got",
    run: claimOnce,
    isOneForAll: true,
  },
  attempt: {
    summary: "every bot tries to claim once, and does not try again where it lost a race",
    run: attemptOnce,
    isOneForAll: true,
  },
  lifecycle: {
    summary: "every bot claims once, starts the job and completes it",
    run: carryOutOne,
    isOneForAll: true,
  },
  rescue: {
    summary:
      "every bot claims once and carries the job out, while leases run out and claims are rescued",
    run: carryOutOne,
    isOneForAll: true,
    hasRescue: true,
  },
} as const satisfies Readonly<Record<string, Program>>;

/**
 * What a bot does where it may crash: what it does in a run. An answer that was lost leaves it in doubt; it connects
 * anew and asks what it holds, before it does anything else, and then goes on with that.
 */
const recovering = {
  /** Whoever was told that it holds a job keeps it. */
  claim: { summary: "every bot claims once, and recovers where it crashed", run: claimAndRecover },
  lifecycle: {
    summary: "every bot claims once and carries the job out, and recovers where it crashed",
    run: carryOutOneAndRecover,
  },
} as const satisfies Readonly<Record<string, Program>>;

/** What a bot does where one may crash: one alone goes on with its job, so that a crash after the claim has something to disturb. */
export function recoveringProgram(program: ProgramName, bots: number): Program {
  return bots > 1 && program === "claim" ? recovering.claim : recovering.lifecycle;
}

/** What comes after all others: whatever is still to be done is done. */
export const carryOutAll: Program = {
  summary: "carries out job after job until there is none",
  run: async ({ bot, signal }) => {
    for (let turn = 0; turn < mostTurns && !signal.aborted; turn++) {
      if ((await bot.takeTurn(signal)) === "empty") return;
    }
  },
};

const mostTurns = 30;

export type ProgramName = keyof typeof programs;

async function claimOnce({ bot, attempts, signal }: Actor): Promise<void> {
  for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
    if ((await bot.claim()) !== "conflict") return;
  }
}

async function attemptOnce({ bot }: Actor): Promise<void> {
  await bot.claim();
}

async function claimAndRecover({ bot, attempts, signal }: Actor): Promise<void> {
  for (let attempt = 0; attempt <= attempts && !signal.aborted; attempt++) {
    if (!(await bot.connect(signal))) return;
    const turn = await bot.claim();
    if (turn === "worked" || turn === "empty") return;
    // In doubt it asks, and carries out what it finds that it holds.
    if (bot.isHolding && (await bot.finish(signal))) return;
  }
}

async function carryOutOneAndRecover({ bot, attempts, signal }: Actor): Promise<void> {
  for (let attempt = 0; attempt <= attempts && !signal.aborted; attempt++) {
    const turn = await bot.takeTurn(signal);
    if (turn === "worked" || turn === "empty") return;
  }
}

async function carryOutOne({ bot, attempts, signal }: Actor): Promise<void> {
  for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
    if ((await bot.takeTurn(signal)) !== "conflict") return;
  }
}
