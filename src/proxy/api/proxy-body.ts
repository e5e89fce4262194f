import type { NewProxy } from "../proxy-collection.ts";
import type { PoolSettings } from "../postgres/pool/pooler.ts";
import type { Toxic } from "../toxic.ts";
import { fieldsOf, unmarshalError } from "./fields.ts";
import { ApiError, apiErrors } from "./reply.ts";
import { newToxic } from "./toxic-body.ts";

/** What a body says about a proxy; what it does not say is undefined. */
export interface ProxyBody {
  readonly name: string;
  readonly listen: string | undefined;
  readonly upstream: string | undefined;
  readonly enabled: boolean | undefined;
  /** Beyond Toxiproxy, and settled when the proxy is made. */
  readonly halfClose: boolean | undefined;
  readonly pool: PoolSettings | undefined;
  /**
   * Beyond Toxiproxy: a proxy may be made together with its toxics. Not read for an update, with which some clients send
   * back all they were told.
   */
  readonly toxics: readonly unknown[];
}

export function proxyBody(body: unknown): ProxyBody {
  const fields = fieldsOf(body, "Proxy");
  return {
    name: fields.text("name") ?? "",
    listen: fields.text("listen"),
    upstream: fields.text("upstream"),
    enabled: fields.flag("enabled"),
    halfClose: fields.flag("halfClose"),
    pool: poolSettings(fields.object("pool")),
    toxics: fields.list("toxics") ?? [],
  };
}

/** The entries of `/populate` or of a config file; throws an ApiError before anything is made of a wrong one. */
export function populateBody(body: unknown): readonly NewProxy[] {
  if (body === null) return [];
  if (!Array.isArray(body)) {
    throw unmarshalError(body, "value of type []Proxy");
  }
  const bodies = body.map((entry: unknown) => proxyBody(entry));
  for (const [i, { name, upstream }] of bodies.entries()) {
    if (name === "") throw apiErrors.missingField(`name at proxy ${i + 1}`);
    if (upstream === undefined || upstream === "") {
      throw apiErrors.missingField(`upstream at proxy ${i + 1}`);
    }
  }
  return bodies.map((entry) => newProxy(entry));
}

export function newProxy(body: ProxyBody): NewProxy {
  return {
    name: body.name,
    listen: body.listen ?? "",
    upstream: body.upstream ?? "",
    enabled: body.enabled ?? true,
    halfClose: body.halfClose ?? false,
    pool: body.pool,
    toxics: toxicsOf(body.toxics),
  };
}

function poolSettings(
  body: Readonly<Record<string, unknown>> | undefined,
): PoolSettings | undefined {
  if (body === undefined) return undefined;
  const { mode = "transaction", size } = body;
  if (mode !== "transaction") throw new ApiError(400, 'pool.mode must be "transaction"');
  const isSize = typeof size === "number" && Number.isInteger(size) && size >= 1;
  if (!isSize || size > largestPool) {
    throw new ApiError(400, `pool.size must be a whole number from 1 to ${largestPool}`);
  }
  return { mode, size };
}

/** More than any server of a test accepts. */
const largestPool = 1000;

function toxicsOf(bodies: readonly unknown[]): Toxic[] {
  const toxics: Toxic[] = [];
  for (const body of bodies) {
    toxics.push(newToxic(body, (name) => toxics.some((toxic) => toxic.name === name)));
  }
  return toxics;
}
