import { ServiceProcess } from "../../environment/service-process.ts";
import type { Endpoint } from "../../environment/toxiproxy/toxiproxy-server.ts";
import type { HttpTargetSpec, ServiceSpec } from "../../scenario/target.ts";
import type { HttpTarget } from "../../targets/http/http-target.ts";
import type { Stage, StageOptions } from "../stage.ts";
import { databaseUrl } from "../../environment/postgres/database-url.ts";
import { named } from "./named.ts";
import { openHttpTarget } from "./open-http-target.ts";
import { VerifiedTables } from "./verified-tables.ts";

/** A service of somebody else's: what only tables tell is not judged, beyond what the scenario has verified in them. */
export class ForeignStage implements Stage {
  readonly target: HttpTarget;
  readonly #process: ServiceProcess | null;

  private constructor(target: HttpTarget, process: ServiceProcess | null) {
    this.target = target;
    this.#process = process;
  }

  static async open(options: StageOptions, spec: HttpTargetSpec): Promise<ForeignStage> {
    const service = named(spec.services ?? {}, options, "target.services");
    const process = "command" in service ? await startService(service, options, spec) : null;
    try {
      const at = process ?? endpointOf((service as { url: string }).url);
      const { control } = options.environment;
      const tables =
        spec.verify.length === 0 ? undefined : new VerifiedTables(control, spec.verify);
      return new ForeignStage(await openHttpTarget(options, spec, at, tables), process);
    } catch (error) {
      await process?.stop();
      throw error;
    }
  }

  async clear(): Promise<void> {
    await this.target.reset();
  }

  async prepare(): Promise<void> {
    // Whoever asks for a job over HTTP needs not be known before.
  }

  async settle(): Promise<void> {
    // What its tables need is the service's affair.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.target[Symbol.asyncDispose]();
    await this.#process?.stop();
  }
}

/** `DATABASE_URL` is the run's own database, for services that want one: it is theirs alone, and gone after the run. */
async function startService(
  { command, env }: Extract<ServiceSpec, { readonly command: readonly string[] }>,
  { environment, signal }: StageOptions,
  { ready, startWithin }: HttpTargetSpec,
): Promise<ServiceProcess> {
  // Through the link, so that what hurts the database's network hurts the service too.
  const url = databaseUrl(environment.botAddress, environment.control.schema);
  return await ServiceProcess.start({
    command,
    env: { DATABASE_URL: url, ...env },
    ready,
    startWithinMs: startWithin,
    signal,
  });
}

function endpointOf(url: string): Endpoint {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? 80 : Number(port) };
}
