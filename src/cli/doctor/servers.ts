import { monotonicMs } from "../../base/clock.ts";
import { dockerEngine } from "../../environment/docker-engine.ts";
import { startEmbeddedPostgres } from "../../environment/postgres/embedded.ts";
import { useExistingPostgres } from "../../environment/postgres/existing.ts";
import { findToxiproxyBinary, startToxiproxyBinary } from "../../environment/toxiproxy/binary.ts";
import { startEmbeddedToxiproxy } from "../../environment/toxiproxy/embedded.ts";
import { finding } from "./finding.ts";
import type { Finding, Look } from "./finding.ts";

/** Each server is started and stopped: nothing less says that it would start. */
export async function serverFindings(postgresUrl: string | undefined): Promise<Finding[]> {
  const looks: Look[] = [
    { name: "embedded PostgreSQL", otherwise: "failed", look: embeddedPostgres },
    { name: "embedded Toxiproxy", otherwise: "failed", look: embeddedToxiproxy },
    { name: "Docker", otherwise: "missing", look: docker },
    { name: "toxiproxy-server", otherwise: "missing", look: toxiproxyBinary },
  ];
  if (postgresUrl !== undefined) {
    const look = (): Promise<string> => existingPostgres(postgresUrl);
    looks.push({ name: "--postgres", otherwise: "failed", look });
  }
  // One after the other, because the time that a start takes is told.
  const findings: Finding[] = [];
  for (const look of looks) findings.push(await finding(look));
  return findings;
}

async function embeddedPostgres(): Promise<string> {
  const begin = monotonicMs();
  await using server = await startEmbeddedPostgres({ server: "embedded", settings: {}, image: "" });
  const tookMs = Math.round(monotonicMs() - begin);
  return `${server.version}, runs as ${server.user}, up in ${tookMs} ms`;
}

async function embeddedToxiproxy(): Promise<string> {
  await using server = await startEmbeddedToxiproxy({ server: "embedded", image: "", seed: 1 });
  return server.version;
}

async function docker(): Promise<string> {
  const { info } = await dockerEngine();
  const { operatingSystem, architecture } = info.containerRuntime;
  return `answers: ${operatingSystem}, ${architecture}`;
}

async function toxiproxyBinary(): Promise<string> {
  const file = findToxiproxyBinary();
  await using server = await startToxiproxyBinary({ server: "binary", image: "", seed: 1 });
  return `${server.version}, ${file}`;
}

/** A schema is made and dropped again, so the rights of the user have been seen. */
async function existingPostgres(url: string): Promise<string> {
  await using server = await useExistingPostgres({ server: url, settings: {}, image: "" });
  const able = [...server.capabilities].join(", ") || "none";
  return `${server.description}; capabilities: ${able}`;
}
