import type { IncomingMessage } from "node:http";
import type { ProxyCollection } from "../proxy-collection.ts";
import type { Reply } from "./reply.ts";

export interface ApiSettings {
  readonly runtimeMetrics: boolean;
}

/** A request that matched a route. */
export interface Call {
  readonly request: IncomingMessage;
  readonly proxies: ProxyCollection;
  readonly settings: ApiSettings;
  readonly query: URLSearchParams;
  /** The part of the path that stands for `{name}` in the route's pattern. */
  parameter(name: string): string;
}

export interface Route {
  /** `*`: any. */
  readonly methods: readonly string[];
  /** `/proxies/{proxy}/toxics`; a parameter is one segment. */
  readonly pattern: string;
  handle(call: Call): Reply | Promise<Reply>;
}

export type Match =
  | { readonly kind: "found"; readonly route: Route; parameter(name: string): string }
  | { readonly kind: "no such method" }
  | { readonly kind: "no such path" };

/** `path` is decoded; `%2F` has become a slash, and splits a segment, as in Toxiproxy. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match {
  let pathExists = false;
  for (const route of routes) {
    const parameters = matchPattern(route.pattern, path);
    if (parameters === undefined) continue;
    pathExists = true;
    if (!route.methods.includes(method) && !route.methods.includes("*")) continue;
    return { kind: "found", route, parameter: (name) => parameters.get(name) ?? "" };
  }
  return pathExists ? { kind: "no such method" } : { kind: "no such path" };
}

function matchPattern(pattern: string, path: string): Map<string, string> | undefined {
  const wanted = pattern.split("/");
  const segments = path.split("/");
  if (wanted.length !== segments.length) return undefined;
  const parameters = new Map<string, string>();
  for (const [i, part] of wanted.entries()) {
    const segment = segments[i] ?? "";
    if (part.startsWith("{") && segment !== "") parameters.set(part.slice(1, -1), segment);
    else if (part !== segment) return undefined;
  }
  return parameters;
}

/** The path without `//`, `/./` and `/../`; a trailing slash stays. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const slash = kept.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${kept.join("/")}${slash}`;
}
