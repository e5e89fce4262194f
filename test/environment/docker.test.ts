import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { waitUntil } from "../../src/base/timer.ts";
import { dockerEngine, removeLeftoverContainers } from "../../src/environment/docker-engine.ts";
import { withConnection } from "../../src/environment/postgres/connection.ts";
import type { PostgresServer } from "../../src/environment/postgres/postgres-server.ts";
import { startPostgres } from "../../src/environment/postgres/postgres-servers.ts";
import type { ToxiproxyServer } from "../../src/environment/toxiproxy/toxiproxy-server.ts";
import { startToxiproxy } from "../../src/environment/toxiproxy/toxiproxy-servers.ts";
import { startHost } from "./host.ts";
import { needsDockerImages } from "../setup/machine.ts";

/** Built by test/docker/build-images.sh; without them, or without an engine, these tests are skipped. */
const images = {
  postgres: "doubletake-test/postgres:stand-in",
  toxiproxy: "doubletake-test/toxiproxy:stand-in",
};

function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", stdio: "pipe" }).trim();
}

function hasImages(): boolean {
  try {
    docker("image", "inspect", images.postgres, images.toxiproxy);
    return true;
  } catch {
    return false;
  }
}

function containers(): string {
  return docker("ps", "--all", "--quiet", "--filter", "label=doubletake.owner");
}

const request = { server: "docker", settings: { work_mem: "5MB" }, image: images.postgres };

describe.runIf(needsDockerImages(hasImages(), "the Docker mode"))("in Docker", () => {
  let postgres: PostgresServer;
  let toxiproxy: ToxiproxyServer;

  beforeAll(async () => {
    vi.stubEnv("TESTCONTAINERS_RYUK_DISABLED", "true");
    [postgres, toxiproxy] = await Promise.all([
      startPostgres(request),
      startToxiproxy({ server: "docker", image: images.toxiproxy, seed: 1 }),
    ]);
  }, 120_000);
  afterAll(async () => {
    await toxiproxy.stop();
    await Promise.all([postgres.stop(), postgres.stop()]);
    if (containers() !== "") throw new Error(`left behind: ${containers()}`);
  });

  test("PostgreSQL says what it is and what it can do", async () => {
    expect(postgres.description).toBe(`PostgreSQL ${postgres.version}, docker ${images.postgres}`);
    expect([...postgres.capabilities]).toEqual([
      "terminate-backends",
      "decode-wal",
      "configure",
      "wal-position",
    ]);
    const { rows } = await withConnection(postgres.address, (client) =>
      client.query(
        `SELECT current_setting('wal_level') AS wal, current_setting('work_mem') AS memory,
                to_regnamespace('${postgres.schema}') IS NOT NULL AS has_schema`,
      ),
    );
    expect(rows).toEqual([{ wal: "logical", memory: "5MB", has_schema: true }]);
  });

  test("Toxiproxy reaches PostgreSQL in its container, and the embedded one", async () => {
    await using embedded = await startPostgres({ server: "embedded", settings: {}, image: "" });
    for (const [name, server] of [
      ["in-docker", postgres] as const,
      ["on-host", embedded] as const,
    ]) {
      const link = await toxiproxy.createLink({ name, upstream: server.address });
      const throughLink = { ...server.address, ...link.listen };
      const { rows } = await withConnection(throughLink, (client) => client.query("SELECT 1 AS n"));
      expect(rows).toEqual([{ n: 1 }]);
      await link.setEnabled(false);
      await expect(withConnection(throughLink, (client) => client.query(""))).rejects.toThrow(
        "nothing listens there",
      );
    }
  });

  test("the real Toxiproxy has no extensions", () => {
    expect(toxiproxy.kind).toBe("docker");
    expect([...toxiproxy.capabilities]).toEqual([]);
  });

  test("containers of a killed run are removed by the next start, those of a live run are not", async () => {
    const before = containers().split("\n").length;
    const host = await startHost({
      request: { kind: "toxiproxy", server: "docker", image: images.toxiproxy },
    });
    expect(host.said).toMatchObject({ ok: true });
    await host.kill("SIGKILL");
    expect(containers().split("\n")).toHaveLength(before + 1);
    expect(await removeLeftoverContainers(await dockerEngine())).toHaveLength(1);
    const isBack = (): boolean => containers().split("\n").length === before;
    expect(await waitUntil(isBack, { ms: 10_000, everyMs: 50 })).toBe(true);
  });

  test("an image that cannot be had is one clear message", async () => {
    const started = startPostgres({ ...request, image: "localhost:1/no-such-image:1" });
    await expect(started).rejects.toMatchObject({
      kind: "environment",
      where: "localhost:1/no-such-image:1",
    });
  });

  test("a server that ends at once is one clear message, and leaves no container", async () => {
    const before = containers();
    const started = startPostgres({ ...request, settings: { no_such_setting: "1" } });
    await expect(started).rejects.toThrow(/unrecognized configuration parameter "no_such_setting"/);
    await expect(started).rejects.toMatchObject({ kind: "environment" });
    expect(containers()).toBe(before);
  });
});

test("without an engine Docker is one clear message", async () => {
  const host = await startHost({
    request: { kind: "postgres", server: "docker", image: "postgres:18" },
    environment: { DOCKER_HOST: "tcp://127.0.0.1:1" },
  });
  expect(host.said).toMatchObject({ ok: false, name: "HarnessError" });
  expect(host.said["message"]).toMatch(/no Docker engine answers\n +hint: start Docker/);
});
