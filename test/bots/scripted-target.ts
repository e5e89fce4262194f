import type { Claim } from "../../src/service/claim-run.ts";
import type { RescuedClaim } from "../../src/history/event.ts";
import type { Held, Settled, Work } from "../../src/service/lifecycle.ts";
import type { Failure, Outcome } from "../../src/service/outcome.ts";
import type { Target, TargetCapability } from "../../src/targets/target.ts";

export interface Script {
  readonly connect?: (Failure | null)[];
  readonly claim?: Outcome<readonly Claim[]>[];
  readonly start?: Outcome<Work>[];
  readonly heartbeat?: Outcome<null>[];
  readonly settle?: Outcome<Settled>[];
  readonly resume?: Outcome<readonly Held[]>[];
  readonly rescue?: Outcome<readonly RescuedClaim[]>[];
}

export const empty = { kind: "empty" } as const;
export const failure = (kind: Failure["kind"], code: string): Failure => ({
  kind,
  code,
  retryable: code.startsWith("40"),
  message: code,
});
export const unknown = failure("unknown", "CONNECTION-LOST");
export const granted = (job: number): Outcome<readonly Claim[]> => ({
  kind: "ok",
  value: [{ job, attempt: 1 }],
});
export const held = (job: number, status: Held["status"]): Outcome<readonly Held[]> => ({
  kind: "ok",
  value: [{ job, attempt: 1, a: 2, b: 3, status }],
});

/** Answers from a script; what the script leaves open goes well, and a claim beyond it is empty. `calls` is what was asked. */
export class ScriptedTarget implements Target {
  readonly name = "scripted";
  readonly capabilities: ReadonlySet<TargetCapability> = new Set(["resume"] as const);
  readonly calls: string[] = [];
  readonly #script: { [Key in keyof Script]: unknown[] };

  constructor(script: Script) {
    this.#script = Object.fromEntries(
      Object.entries(script).map(([key, answers]) => [key, [...answers]]),
    );
  }

  connect = async (): Promise<Failure | null> => this.#next("connect", null, "connect");
  enqueue = async (): Promise<{ jobs: [] }> => ({ jobs: [] });
  claim = async (): Promise<Outcome<readonly Claim[]>> => this.#next("claim", empty, "claim");
  resume = async (): Promise<Outcome<readonly Held[]>> => this.#next("resume", empty, "resume");
  rescue: Target["rescue"] = async () => this.#next("rescue", empty, "rescue");
  deadLetters: Target["deadLetters"] = async () => [];
  redrive: Target["redrive"] = async () => empty;
  hasMoreToCome = async (): Promise<boolean> => false;
  inspect = async (): Promise<never> => {
    throw new Error("not asked in these tests");
  };

  start = async (_bot: number, claim: Claim): Promise<Outcome<Work>> =>
    this.#next("start", { kind: "ok", value: { a: 2, b: 3 } }, `start ${claim.job}`);

  heartbeat: Target["heartbeat"] = async ({ claim }) =>
    this.#next("heartbeat", { kind: "ok", value: null }, `heartbeat ${claim.job}`);

  settle: Target["settle"] = async ({ claim }, settlement) => {
    const result = settlement.kind === "complete" ? ` with ${settlement.result}` : "";
    return this.#next(
      "settle",
      { kind: "ok", value: null },
      `${settlement.kind} ${claim.job}${result}`,
    );
  };

  cost = (): { statements: number; roundTrips: number } => ({ statements: 0, roundTrips: 0 });
  async [Symbol.asyncDispose](): Promise<void> {}

  #next<T>(key: keyof Script, otherwise: T, call: string): T {
    if (key !== "connect") this.calls.push(call);
    const answer = this.#script[key]?.shift();
    return answer === undefined ? otherwise : (answer as T);
  }
}
