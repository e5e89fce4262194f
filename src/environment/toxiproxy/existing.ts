import type { Toxiproxy } from "toxiproxy-node-client";
import { HarnessError } from "../../base/harness-error.ts";
import { currentOwner, isTagOfDead, ownerTag } from "../owner.ts";
import { redactUrl } from "../../base/redact-url.ts";
import { driveToxiproxy, removeProxy } from "./driven-toxiproxy.ts";
import { toxiproxyApi } from "./toxiproxy-api.ts";
import type { ToxiproxyRequest, ToxiproxyServer } from "./toxiproxy-server.ts";

/** The tag of the run, then the link's name. */
const ourProxy = /^doubletake-([\da-f]{8}\.\d+\.[\da-f]{8})-/;

/**
 * Somebody else's server. Others may use it, so proxies are called after the run, and only those are ever removed: at
 * the end of the run, or at the start of the next one on this machine if the run was killed.
 */
export async function useExistingToxiproxy(request: ToxiproxyRequest): Promise<ToxiproxyServer> {
  const url = checkUrl(request.server);
  const prefix = `doubletake-${ownerTag(currentOwner())}-`;
  const server = await driveToxiproxy({ kind: "existing", url, prefix });
  await removeLeftoverProxies(toxiproxyApi(url));
  return server;
}

/** Removes the proxies that killed runs of this machine left. Returns their names. */
export async function removeLeftoverProxies(api: Toxiproxy): Promise<readonly string[]> {
  const names = Object.keys(await api.getAll());
  const dead = names.filter((name) => isTagOfDead(ourProxy.exec(name)?.[1] ?? ""));
  for (const name of dead) await removeProxy(api, name);
  return dead;
}

function checkUrl(text: string): string {
  if (!URL.canParse(text) || new URL(text).pathname !== "/") {
    throw new HarnessError({
      kind: "usage",
      what: "this is no URL of a Toxiproxy",
      where: redactUrl(text),
      hint: "http://127.0.0.1:8474",
    });
  }
  return new URL(text).origin;
}
