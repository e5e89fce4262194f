import type { HttpTargetSpec } from "../../scenario/target.ts";
import { startServiceServer } from "../../service/http/service-server.ts";
import type { HttpTarget } from "../../targets/http/http-target.ts";
import type { Stage, StageOptions } from "../stage.ts";
import { openHttpTarget } from "./open-http-target.ts";
import { ReferenceStage } from "./reference-stage.ts";

const loopback = "127.0.0.1";
/** Connections of the service to its database: as many as its bots would have, up to a pool's usual size. */
const usualPool = 10;

/**
 * The reference service behind HTTP, in this process: two links, and faults on both.
 *
 * ```
 *   bots ──▶ link "service" ──▶ the service ──▶ link "postgres" ──▶ PostgreSQL
 * ```
 */
export class ServedStage implements Stage {
  readonly target: HttpTarget;
  readonly #reference: ReferenceStage;
  readonly #server: AsyncDisposable;

  private constructor(parts: {
    target: HttpTarget;
    reference: ReferenceStage;
    server: AsyncDisposable;
  }) {
    this.target = parts.target;
    this.#reference = parts.reference;
    this.#server = parts.server;
  }

  static async open(options: StageOptions, spec: HttpTargetSpec): Promise<ServedStage> {
    const { environment, scenario } = options;
    const { connections, count } = scenario.bots;
    const size = connections === "per-bot" ? Math.min(count, usualPool) : connections;
    const silent = { ...options, onConnection: () => undefined };
    const reference = new ReferenceStage(silent, size);
    const server = await startServiceServer({
      service: reference.target,
      tellsAttempts: () => reference.provided.has("attempt"),
      control: environment.control,
      host: loopback,
      port: 0,
    });
    const service = { host: loopback, port: Number(new URL(server.url).port) };
    const target = await openHttpTarget(options, spec, service, reference.target);
    return new ServedStage({ target, reference, server });
  }

  async clear(): Promise<void> {
    await this.#reference.clear();
  }

  async prepare(): Promise<void> {
    await this.#reference.prepare();
  }

  async settle(): Promise<void> {
    await this.#reference.settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.target[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
    await this.#reference[Symbol.asyncDispose]();
  }
}
