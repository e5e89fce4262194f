import type { Toxic } from "../toxic.ts";
import { fieldsOf } from "./fields.ts";
import { newToxic } from "./toxic-body.ts";

/** What a body says about a proxy; what it does not say is undefined. */
export interface ProxyBody {
  readonly name: string;
  readonly listen: string | undefined;
  readonly upstream: string | undefined;
  readonly enabled: boolean | undefined;
  /** Beyond Toxiproxy: a proxy may be made together with its toxics. */
  readonly toxics: readonly Toxic[];
}

export function proxyBody(body: unknown): ProxyBody {
  const fields = fieldsOf(body, "Proxy");
  return {
    name: fields.text("name") ?? "",
    listen: fields.text("listen"),
    upstream: fields.text("upstream"),
    enabled: fields.flag("enabled"),
    toxics: toxicsOf(fields.list("toxics") ?? []),
  };
}

function toxicsOf(bodies: readonly unknown[]): Toxic[] {
  const toxics: Toxic[] = [];
  for (const body of bodies) {
    toxics.push(newToxic(body, (name) => toxics.some((toxic) => toxic.name === name)));
  }
  return toxics;
}
