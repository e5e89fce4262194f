import type { Endpoint } from "../../environment/toxiproxy/toxiproxy-server.ts";
import type { HttpTargetSpec } from "../../scenario/target.ts";
import { HttpTarget } from "../../targets/http/http-target.ts";
import type { Inspector } from "../../targets/http/http-target.ts";
import { referenceApi } from "../../targets/http/reference-api.ts";
import type { StageOptions } from "../stage.ts";

/** A service as its bots reach it: through the link "service", where there is a proxy. */
export async function openHttpTarget(
  { scenario, planned, environment, onConnection }: StageOptions,
  spec: HttpTargetSpec,
  { host, port }: Endpoint,
  inspector?: Inspector,
): Promise<HttpTarget> {
  const service = { host, port };
  const link = await environment.addLink("service", service, planned.round);
  return new HttpTarget({
    api: spec.api ?? referenceApi,
    bots: link?.listen ?? service,
    service,
    timeoutMs: scenario.deadlines.statementMs,
    onConnection,
    ...(inspector === undefined ? {} : { inspector }),
  });
}
