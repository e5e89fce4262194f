import type { z } from "zod";
import type { Random } from "../base/random.ts";
import type { BotHosts } from "../bots/bot-hosts.ts";
import type { WorkBrake } from "../bots/work-brake.ts";
import type { PostgresServer } from "../environment/postgres/postgres-server.ts";
import type { Link } from "../environment/toxiproxy/toxiproxy-server.ts";
import type { BotClocks } from "../service/bot-clocks.ts";
import type { ControlDatabase } from "../service/control-database.ts";

/**
 * Something broken on purpose. `inject` breaks it and says what it hurt; `heal` mends it. Heal is idempotent and
 * always runs: at its time, when the load ends, on an error and on Ctrl-C.
 */
export interface Fault {
  /** What takes long and hurts nobody yet, done before the first bot moves. `heal` undoes it, injected or not. */
  prepare?(): Promise<void>;
  inject(): Promise<Injection>;
  /**
   * For a fault that stands: what it has hurt so far, asked just before it is healed; null where nobody saw, and what
   * the bots recorded must tell.
   */
  witnessed?(): Promise<readonly Hit[] | null>;
  heal(): Promise<void>;
}

/** One thing that a standing fault has hurt. */
export interface Hit {
  readonly aim: string;
}

/** What an injection is known to have hurt. A fault that never hit proves nothing. */
export interface Injection {
  /**
   * `hit`: it hurt something, seen. `missed`: it certainly hurt nothing. `applied`: it stands, and what the bots
   * recorded while it stood tells whether it hurt.
   */
  readonly outcome: "hit" | "missed" | "applied";
  /** What was aimed at: a backend, a row. */
  readonly aim?: string;
  readonly note?: string;
}

/** One kind of fault, by its name in the registry: what a scenario may write, and how to make it. */
export interface FaultKind<Settings extends z.ZodObject = z.ZodObject> {
  /** One sentence for `doubletake list faults`. */
  readonly summary: string;
  /** The keys of its own on a line of `faults:`. */
  readonly settings: Settings;
  /** `span`: stands from `from` to `to`. `instant`: over as soon as it is injected. */
  readonly moment: "span" | "instant";
  /** `server`: hurts everybody on the server, so it is refused where the server is not ours. Absent: our schema only. */
  readonly reach?: "server";
  /** Where the bots it aims at must live: in processes of their own, or in this one. Absent: wherever they do. */
  readonly needsBots?: "in-hosts" | "in-process";
  /** Capabilities of the environment without which a scenario that has this fault is skipped. */
  readonly needs?: readonly string[];
  /** How long an injection may take; 10 s where absent. */
  readonly injectMs?: number;
  create(settings: z.output<Settings>, context: FaultContext): Fault;
}

export interface FaultContext {
  /** Unique in the plan: "toxic-1". */
  readonly id: string;
  readonly control: ControlDatabase;
  /** The link of that name; HarnessError (usage) where the run has none. */
  readonly link: (name: string) => Link;
  readonly bots: number;
  /** `application_name` of every bot's connection begins so; nothing else is ever terminated. */
  readonly application: string;
  /** Bots' connections lost so far in this round, for faults that cut them. */
  readonly connectionsLost: () => number;
  /** The server itself, for faults that need a connection of their own, or crash it. */
  readonly server: PostgresServer;
  /** What the bots were told so far in this round. */
  readonly told: Told;
  /** Makes bots work longer. */
  readonly work: WorkBrake;
  /** What bots take for the time. */
  readonly clocks: BotClocks;
  /** The processes that the bots live in; null: they live in this one. */
  readonly hosts: BotHosts | null;
  /** How long a claim is good for. */
  readonly leaseMs: number;
  readonly random: Random;
  /** Aborts when the load ends: from then on there is nothing left to hit, and nothing to wait for. */
  readonly signal: AbortSignal;
}

export interface Told {
  /** Claims that were granted. */
  readonly granted: number;
  /** Operations and connections that ended with this SQLSTATE or network error. */
  withCode(code: string): number;
}

/** Keeps the types of a kind's settings together. */
export function faultKind<Settings extends z.ZodObject>(
  kind: FaultKind<Settings>,
): FaultKind<Settings> {
  return kind;
}
