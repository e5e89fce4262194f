import { directions } from "./direction.ts";
import type { Direction } from "./direction.ts";

/** Bytes of one direction of one proxy, counted as they pass. */
export interface LinkCounter {
  receivedBytes: number;
  sentBytes: number;
}

export interface ProxyCounters {
  readonly links: Readonly<Record<Direction, LinkCounter>>;
  connections: number;
  toxicHits: number;
}

export function newCounters(): ProxyCounters {
  return {
    links: {
      upstream: { receivedBytes: 0, sentBytes: 0 },
      downstream: { receivedBytes: 0, sentBytes: 0 },
    },
    connections: 0,
    toxicHits: 0,
  };
}

/** What the metrics say about one proxy. */
export interface Measured {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly counters: ProxyCounters;
  readonly connections: readonly unknown[];
}

/** Prometheus text. Toxiproxy's own counters move only when a connection ends; these are live. */
export function renderMetrics(proxies: readonly Measured[]): string {
  return [
    ...byteFamily(proxies, "received", (counter) => counter.receivedBytes),
    ...byteFamily(proxies, "sent", (counter) => counter.sentBytes),
    ...family(proxies, "connections_total counter", (proxy) => proxy.counters.connections),
    ...family(proxies, "open_connections gauge", (proxy) => proxy.connections.length),
    ...family(proxies, "toxic_hits_total counter", (proxy) => proxy.counters.toxicHits),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function byteFamily(
  proxies: readonly Measured[],
  verb: "received" | "sent",
  read: (counter: LinkCounter) => number,
): string[] {
  const name = `toxiproxy_proxy_${verb}_bytes_total`;
  const lines = proxies.flatMap((proxy) =>
    directions.map((direction) => {
      const labels = { direction, ...labelsOf(proxy) };
      return sample(name, labels, read(proxy.counters.links[direction]));
    }),
  );
  return [`# TYPE ${name} counter`, ...lines];
}

function family(
  proxies: readonly Measured[],
  declaration: string,
  read: (proxy: Measured) => number,
): string[] {
  const [suffix = "", type = ""] = declaration.split(" ");
  const name = `toxiproxy_proxy_${suffix}`;
  const lines = proxies.map((proxy) => sample(name, labelsOf(proxy), read(proxy)));
  return [`# TYPE ${name} ${type}`, ...lines];
}

function labelsOf({ name, listen, upstream }: Measured): Record<string, string> {
  return { listener: listen, proxy: name, upstream };
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const quoted = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}{${quoted.join(",")}} ${value}`;
}

/** Backslash, quote and line feed, by the exposition format. */
function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
