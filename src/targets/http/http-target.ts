import type { EnqueueDetail, InspectDetail, RescuedClaim } from "../../history/event.ts";
import { rangesOf } from "../../history/job-set.ts";
import type { HttpApi } from "../../scenario/target.ts";
import type { Claim } from "../../service/claim-run.ts";
import type { DeadLetter, Held, Settled, Settlement, Work } from "../../service/lifecycle.ts";
import type { Failure, Outcome } from "../../service/outcome.ts";
import type { Claimed, ClaimWish, Question, Target, TargetCapability } from "../target.ts";
import { HttpClient, NoAnswer } from "./http-client.ts";
import type { Answer, HttpClientOptions } from "./http-client.ts";
import { failureOf, isOneOf, noAnswerFailure } from "./http-outcome.ts";
import { ClaimBook } from "./claim-book.ts";
import { mismatch } from "./mismatch.ts";
import { valuesAt } from "./json-path.ts";
import { filledBody, filledPath } from "./template.ts";
import type { TemplateValues } from "./template.ts";

export interface HttpTargetOptions {
  readonly api: HttpApi;
  /** Where the bots connect: the proxy's side of the link, or the service itself. */
  readonly bots: Pick<HttpClientOptions, "host" | "port">;
  /** Where the harness connects, past every proxy. */
  readonly service: Pick<HttpClientOptions, "host" | "port">;
  readonly timeoutMs: number;
  readonly onConnection: (bot: number, event: "opened" | "lost" | "refused", code?: string) => void;
  /** Who looks into the service's database; absent: nobody can, and what only tables tell is not judged. */
  readonly inspector?: Inspector | undefined;
}

/** The part of a target that asks the database and not the service. */
export type Inspector = Pick<
  Target,
  "capabilities" | "inspect" | "deadLetters" | "redrive" | "hasMoreToCome"
>;

interface Operation {
  readonly request: string;
  readonly body?: unknown;
  readonly failed?: readonly (number | string)[] | undefined;
}

/** One that is about a claim, and may be refused to whoever does not hold it. */
interface FencedOperation extends Operation {
  readonly refused: readonly (number | string)[];
}

/** A claim service that is reached over HTTP, ours or anybody's, by the routes and fields that a scenario maps. */
export class HttpTarget implements Target {
  readonly name = "http";
  readonly capabilities: ReadonlySet<TargetCapability>;
  readonly #options: HttpTargetOptions;
  readonly #bots = new Map<number, HttpClient>();
  readonly #harness: HttpClient;
  readonly #book = new ClaimBook();
  #requests = 0;

  constructor(options: HttpTargetOptions) {
    this.#options = options;
    this.capabilities = capabilitiesOf(options);
    this.#harness = this.#client(options.service, () => undefined);
  }

  /** A connection is opened when a request needs one. */
  async connect(): Promise<Failure | null> {
    return null;
  }

  /** Forgets all jobs, where the service can. */
  async reset(): Promise<void> {
    const { reset } = this.#options.api;
    if (reset !== undefined) await this.#harnessAnswer(reset, {}, "reset");
  }

  async enqueue(count: number): Promise<EnqueueDetail> {
    const { enqueue } = this.#options.api;
    const requests = enqueue.each ? Array<number>(count).fill(1) : [count];
    const jobs: number[] = [];
    for (const each of requests) {
      const { json } = await this.#harnessAnswer(
        enqueue,
        { count: each, n: jobs.length + 1 },
        "enqueue",
      );
      jobs.push(...valuesAt(json, enqueue.jobs).map((id) => this.#jobOf(id, "enqueue")));
    }
    if (jobs.length === count) return { jobs: rangesOf(jobs.toSorted((a, b) => a - b)) };
    throw mismatch("enqueue", `the answer has ${jobs.length} ids at ${enqueue.jobs}, not ${count}`);
  }

  async claim(bot: number, wish?: ClaimWish): Promise<Outcome<readonly Claim[]>> {
    const { claim } = this.#options.api;
    const values = { bot, limit: wish?.limit ?? 1, types: wish?.types ?? null };
    return await this.#answered(bot, claim, values, (answer) => {
      if (isOneOf(answer.status, claim.empty)) return { kind: "empty" };
      if (!isSuccess(answer)) return failureOf(answer, claim);
      const claims = this.#book.claimsIn(answer.json, claim, "claim");
      return claims.length === 0 ? { kind: "empty" } : { kind: "ok", value: claims };
    });
  }

  async start(bot: number, claim: Claim): Promise<Outcome<Work>> {
    const { start } = this.#options.api;
    if (start === undefined) return { kind: "ok", value: this.#book.entryOf(claim).work };
    return await this.#settled({ bot, claim }, start, ({ json }) =>
      this.#book.workIn(json, claim, start.work),
    );
  }

  async heartbeat(claimed: Claimed): Promise<Outcome<null>> {
    const { heartbeat } = this.#options.api;
    if (heartbeat === undefined) throw new Error("a service without heartbeats is sent none");
    return await this.#settled(claimed, heartbeat, () => null);
  }

  async settle(claimed: Claimed, settlement: Settlement): Promise<Outcome<Settled>> {
    const operation = this.#options.api[settlement.kind];
    if (operation === undefined)
      throw new Error(`a service without ${settlement.kind} is not asked to`);
    const said =
      settlement.kind === "complete" ? { result: settlement.result } : { error: settlement.error };
    const settled: Settled = settlement.kind === "complete" ? null : { status: "pending" };
    return await this.#settled(claimed, operation, () => settled, said);
  }

  async resume(bot: number): Promise<Outcome<readonly Held[]>> {
    const { resume } = this.#options.api;
    if (resume === undefined) throw new Error("a service that cannot be asked is not asked");
    return await this.#answered(bot, resume, { bot }, (answer) => {
      if (!isSuccess(answer)) return failureOf(answer, resume);
      const statuses = resume.status === undefined ? [] : valuesAt(answer.json, resume.status);
      const claims = this.#book.claimsIn(answer.json, resume, "resume");
      const held = claims.map((claim, place) => ({
        job: claim.job,
        attempt: claim.attempt ?? 0,
        ...this.#book.entryOf(claim).work,
        status: statuses[place] === "processing" ? ("processing" as const) : ("claimed" as const),
      }));
      return held.length === 0 ? { kind: "empty" } : { kind: "ok", value: held };
    });
  }

  async rescue(): Promise<Outcome<readonly RescuedClaim[]>> {
    const { rescue } = this.#options.api;
    if (rescue === undefined) throw new Error("a service that rescues nothing is not asked to");
    try {
      const { json } = await this.#harnessAnswer(rescue, {}, "rescue");
      const rescued = this.#book
        .claimsIn(json, rescue, "rescue")
        .map(({ job, attempt }) => (attempt === null ? { job } : { job, attempt }));
      return rescued.length === 0 ? { kind: "empty" } : { kind: "ok", value: rescued };
    } catch (error) {
      if (error instanceof NoAnswer) return noAnswerFailure(error);
      throw error;
    }
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    return await this.#inspector.deadLetters();
  }

  async redrive(jobs?: readonly number[]): Promise<Outcome<readonly number[]>> {
    return await this.#inspector.redrive(jobs);
  }

  async hasMoreToCome(): Promise<boolean> {
    return (await this.#options.inspector?.hasMoreToCome()) ?? false;
  }

  async inspect(question: Question): Promise<InspectDetail> {
    return await this.#inspector.inspect(question);
  }

  /** A request is one statement and one round trip of a bot. */
  cost(): { readonly statements: number; readonly roundTrips: number } {
    return { statements: this.#requests, roundTrips: this.#requests };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#bots.values()) client[Symbol.dispose]();
    this.#harness[Symbol.dispose]();
  }

  get #inspector(): Inspector {
    const { inspector } = this.#options;
    if (inspector === undefined) throw new Error("nobody can look into this service's database");
    return inspector;
  }

  /** An operation on a claim that the bot believes to hold. */
  async #settled<T>(
    { bot, claim }: Claimed,
    operation: FencedOperation,
    valueOf: (answer: Answer) => T,
    said: TemplateValues = {},
  ): Promise<Outcome<T>> {
    const { job, attempt } = claim;
    const { id } = this.#book.entryOf(claim);
    const values = { bot, job: this.#book.names.nameOf(job), attempt, claim: id, ...said };
    return await this.#answered<T>(bot, operation, values, (answer) => {
      if (isOneOf(answer.status, operation.refused)) return { kind: "empty" };
      return isSuccess(answer)
        ? { kind: "ok", value: valueOf(answer) }
        : failureOf(answer, operation);
    });
  }

  async #answered<T>(
    bot: number,
    operation: Operation,
    values: TemplateValues,
    outcomeOf: (answer: Answer) => Outcome<T>,
  ): Promise<Outcome<T>> {
    this.#requests++;
    try {
      return outcomeOf(await this.#clientOf(bot).exchange(filled(operation, values)));
    } catch (error) {
      if (error instanceof NoAnswer) return noAnswerFailure(error);
      throw error;
    }
  }

  async #harnessAnswer(
    operation: Operation,
    values: TemplateValues,
    name: string,
  ): Promise<Answer> {
    const answer = await this.#harness.exchange(filled(operation, values));
    if (isSuccess(answer)) return answer;
    throw mismatch(name, `the service answered ${answer.status}`);
  }

  #jobOf(id: unknown, name: string): number {
    const job = this.#book.names.numberOf(id);
    if (job !== undefined) return job;
    throw mismatch(name, `${JSON.stringify(id)} is no id of a job`);
  }

  #clientOf(bot: number): HttpClient {
    const known = this.#bots.get(bot);
    if (known !== undefined) return known;
    const { bots, onConnection } = this.#options;
    const client = this.#client(bots, (event, code) => onConnection(bot, event, code));
    this.#bots.set(bot, client);
    return client;
  }

  #client(
    { host, port }: Pick<HttpClientOptions, "host" | "port">,
    onConnection: HttpClientOptions["onConnection"],
  ): HttpClient {
    const { service, timeoutMs } = this.#options;
    const hostHeader = `${service.host}:${service.port}`;
    return new HttpClient({ host, port, hostHeader, timeoutMs, onConnection });
  }
}

function capabilitiesOf({ api, inspector }: HttpTargetOptions): ReadonlySet<TargetCapability> {
  const optional = (["heartbeat", "rescue", "resume", "fail"] as const).filter(
    (name) => api[name] !== undefined,
  );
  return new Set([...(inspector?.capabilities ?? []), ...optional]);
}

function filled({ request, body }: Operation, values: TemplateValues) {
  const [method = "", path = ""] = request.split(" ");
  return {
    method,
    path: filledPath(path, values),
    body: body === undefined ? undefined : filledBody(body, values),
  };
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}
