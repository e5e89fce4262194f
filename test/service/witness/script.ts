import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startClock } from "../../../src/base/clock.ts";
import type { Clock } from "../../../src/base/clock.ts";
import type { WitnessChange } from "../../../src/history/witness-change.ts";
import type { WitnessMode } from "../../../src/scenario/scenario.ts";
import { BotConnection } from "../../../src/service/bot-connection.ts";
import { runClaim } from "../../../src/service/claim-run.ts";
import { Lifecycle } from "../../../src/service/lifecycle.ts";
import { loadStrategy } from "../../../src/service/strategy.ts";
import { enqueue, freshTables, registerBots } from "../../../src/service/tables.ts";
import { openRunWitness } from "../../../src/service/witness/run-witness.ts";
import type { RunWitness } from "../../../src/service/witness/run-witness.ts";
import type { TestDatabase } from "../../setup/database.ts";

type Database = Pick<TestDatabase, "address" | "control">;

export interface WitnessBench extends AsyncDisposable {
  readonly witness: RunWitness;
  readonly file: string;
  readonly clock: Clock;
}

/** A witness of the database, writing into a folder of its own. */
export async function openWitness({ control }: Database, mode: WitnessMode): Promise<WitnessBench> {
  const folder = mkdtempSync(join(tmpdir(), "doubletake-witness-"));
  const file = join(folder, "witness.ndjson");
  const clock = startClock();
  const capabilities = new Set(["decode-wal"] as const);
  const witness = await openRunWitness({ mode, control, capabilities, clock, file });
  if (witness === null) throw new Error("the mode is not off");
  return {
    witness,
    file,
    clock,
    async [Symbol.asyncDispose]() {
      await witness[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

const lifecycle = new Lifecycle();

/** Fresh tables with two bots and jobs, under the eyes of the witness. */
export async function beginRound(
  { control }: Database,
  witness: RunWitness,
  round: number,
): Promise<void> {
  await freshTables(control, { constraints: true });
  await witness.beginRound(round);
  await registerBots(control, lifecycle, 2);
  await enqueue(control, lifecycle, 3);
}

/** A bot's way to the database, step by step. */
export class ScriptedBot implements AsyncDisposable {
  readonly #bot: number;
  readonly #connection: BotConnection;

  constructor({ address, control }: Database, bot: number) {
    this.#bot = bot;
    this.#connection = new BotConnection(
      {
        address,
        schema: control.schema,
        name: `doubletake-bot-${control.schema}-${bot}`,
        statementMs: 5000,
        onEvent: () => undefined,
      },
      { statements: 0, roundTrips: 0 },
    );
  }

  async claim(): Promise<number> {
    await this.#connection.open();
    const strategy = loadStrategy("skip-locked");
    const parameters = { bot_id: this.#bot, lease: "60 s", limit: 1 };
    const outcome = await runClaim(this.#connection, strategy, parameters);
    if (outcome.kind !== "ok") throw new Error(`the claim was ${outcome.kind}`);
    return outcome.value[0]?.job ?? 0;
  }

  async carryOut(job: number): Promise<void> {
    const claim = { job, attempt: 1 };
    await lifecycle.start(this.#connection, this.#bot, claim);
    await lifecycle.settle(
      this.#connection,
      { bot: this.#bot, claim },
      { kind: "complete", result: job * 8 },
    );
  }

  async giveBack(job: number, error: string): Promise<void> {
    const claim = { job, attempt: 1 };
    await lifecycle.settle(this.#connection, { bot: this.#bot, claim }, { kind: "fail", error });
  }

  async run(text: string): Promise<void> {
    await this.#connection.open();
    await this.#connection.query({ text });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}

/** `job 2 claimed by 1 attempt 1`: what changed, without numbers that differ from run to run. */
export function told(change: WitnessChange): string {
  switch (change.of) {
    case "job":
      return `${change.kind} job ${change.job}: ${change.status} bot ${change.bot} attempt ${change.attempt}`;
    case "bot":
      return `${change.kind} bot ${change.bot}: job ${change.job}`;
    case "effect":
      return `effect of job ${change.job}: attempt ${change.attempt} bot ${change.bot} value ${change.value}`;
    default:
      throw new Error("a change is of a job, a bot or an effect");
  }
}

/** What a round recorded, one text a transaction. */
export function transactions(witness: RunWitness, round: number): readonly (readonly string[])[] {
  const found = witness.witness.rounds.find((one) => one.round === round);
  const groups: { readonly xid: number; readonly texts: string[] }[] = [];
  for (let index = found?.from ?? 0; index < (found?.to ?? 0); index++) {
    const change = found?.changes.change(index) as WitnessChange;
    if (groups.at(-1)?.xid !== change.xid) groups.push({ xid: change.xid, texts: [] });
    groups.at(-1)?.texts.push(told(change));
  }
  return groups.map(({ texts }) => texts.toSorted());
}
