import type { Bot } from "../bots/bot.ts";

/** What a program has to do with: one bot, the same in every schedule but for its number. */
export interface Actor {
  readonly bot: Bot;
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
  },
  lifecycle: {
    summary: "every bot claims once, starts the job and completes it",
    run: carryOutOne,
  },
  rescue: {
    summary:
      "every bot claims once and carries the job out, while leases run out and claims are rescued",
    run: carryOutOne,
    hasRescue: true,
  },
} as const satisfies Readonly<Record<string, Program>>;

export type ProgramName = keyof typeof programs;

async function claimOnce({ bot, attempts, signal }: Actor): Promise<void> {
  for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
    if ((await bot.claim()) !== "conflict") return;
  }
}

async function carryOutOne({ bot, attempts, signal }: Actor): Promise<void> {
  for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
    if ((await bot.takeTurn(signal)) !== "conflict") return;
  }
}
