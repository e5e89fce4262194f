import { Disposal } from "../../base/disposal.ts";
import { waitUntil } from "../../base/timer.ts";
import type { CrashablePostgres } from "../../environment/postgres/embedded.ts";
import type { PostgresAddress } from "../../environment/postgres/postgres-server.ts";
import type { GatedConnection } from "../gated-connection.ts";
import type { WaitWatch } from "../waits.ts";
import { CrashLinks } from "./crash-links.ts";
import type { Crash } from "./crash.ts";

export interface CrasherOptions {
  readonly address: PostgresAddress;
  /** Those who may crash, from 1. */
  readonly bots: number;
  /** For crashes of the whole server; absent: there are none. */
  readonly server?: Pick<CrashablePostgres, "crash" | "restart"> | undefined;
  /** A backend that is to end, or a client that is to notice, and does not in that time, is given up. */
  readonly stepMs: number;
}

interface UnderWay {
  readonly crash: Crash;
  readonly connection: GatedConnection;
  readonly pid: number;
}

/** Carries out crashes: one at a time, at a statement of a bot. */
export class Crasher implements AsyncDisposable {
  readonly links: CrashLinks;
  readonly #options: CrasherOptions;
  readonly #watch: WaitWatch;
  #underWay: UnderWay | undefined;
  #hasHappened = false;

  private constructor(links: CrashLinks, options: CrasherOptions, watch: WaitWatch) {
    this.links = links;
    this.#options = options;
    this.#watch = watch;
  }

  static async open(options: CrasherOptions, watch: WaitWatch): Promise<Crasher> {
    await using owned = new Disposal();
    const links = owned.use(await CrashLinks.open(options.address, options.bots));
    owned.move();
    return new Crasher(links, options, watch);
  }

  /** Whether the crash that was prepared has happened. */
  get hasHappened(): boolean {
    return this.#hasHappened;
  }

  /** A new schedule begins. */
  reset(): void {
    this.links.disarm();
    this.#underWay = undefined;
    this.#hasHappened = false;
  }

  /** To be called before the bot's statement is sent: it is the one. */
  async prepare(crash: Crash, connection: GatedConnection): Promise<void> {
    const { kind, moment } = crash;
    const { pid } = connection;
    const isServers = kind === "terminated" || kind === "server crash";
    if (isServers && moment === "before") {
      await this.#end(crash, pid);
      const { stepMs } = this.#options;
      await waitUntil(() => Promise.resolve(!connection.isOpen), { ms: stepMs, everyMs: 1 });
      this.#hasHappened = !connection.isOpen;
      return;
    }
    this.#underWay = { crash, connection, pid };
    this.links.arm(connection.bot, crash);
  }

  /**
   * To be called while the bots are on their way. Once the link is cut: a backend or a server that is to end does, and a
   * client that would only notice by its patience running out loses it now.
   */
  async carryOn(): Promise<void> {
    if (this.#underWay === undefined || !this.links.hasCut) return;
    const { crash, connection, pid } = this.#underWay;
    this.#underWay = undefined;
    this.links.disarm();
    const { kind } = crash;
    if (kind === "terminated" || kind === "server crash") await this.#end(crash, pid);
    if (kind !== "reset" && kind !== "close") connection.abandon();
    this.#hasHappened = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.links[Symbol.asyncDispose]();
  }

  async #end({ kind }: Crash, pid: number): Promise<void> {
    const { server, stepMs } = this.#options;
    if (kind === "terminated") await this.#watch.terminate(pid, stepMs);
    if (kind !== "server crash") return;
    if (server === undefined) throw new Error("there is no server that may be crashed");
    await server.crash();
    await server.restart();
    await this.#watch.reconnect();
  }
}
