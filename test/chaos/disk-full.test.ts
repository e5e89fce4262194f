import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { diskFullFault } from "../../src/chaos/disk-full.ts";
import { openConnection } from "../../src/environment/postgres/connection.ts";
import { startEmbeddedPostgres } from "../../src/environment/postgres/embedded.ts";
import { LoadTally } from "../../src/run/load-tally.ts";
import { useTemporaryFolder } from "../environment/temporary-folder.ts";
import { needsRoot } from "../setup/machine.ts";
import { faultContext } from "./fault-context.ts";

useTemporaryFolder();
const request = { server: "embedded", settings: {}, image: "" };
const big = "INSERT INTO notes SELECT repeat(n::text, 400) FROM generate_series(1, 2000) AS n";

it.runIf(needsRoot("a disk of the run's own, filled"))(
  "a full disk refuses what needs room, until it is freed; nothing of it is left",
  async () => {
    const server = await startEmbeddedPostgres({ ...request, diskMb: 96 });
    const disk = server.smallDisk ?? "";
    expect([...server.capabilities]).toContain("small-disk");
    const tally = new LoadTally();
    const fault = diskFullFault.create({}, faultContext({ server, told: tally }));
    const client = await openConnection(server.address);
    await client.query("CREATE TABLE notes (text text)");
    await client.query(big);

    expect(await fault.inject()).toEqual({ outcome: "applied" });
    expect(await fault.witnessed?.()).toEqual([]);
    const refused = await client.query(big).catch((error: { code: string }) => error);
    expect(refused).toMatchObject({ code: "53100" });
    tally.observe({ op: "claim", type: "failed", bot: 1, code: "53100" });
    expect(await fault.witnessed?.()).toEqual([
      { aim: "1 statements refused with 53100, 0 connections lost" },
    ]);

    await fault.heal();
    await fault.heal();
    await client.query(big);
    await client.end();
    await server.stop();
    expect(existsSync(disk)).toBe(false);
    expect(readFileSync("/proc/mounts", "utf8")).not.toContain(disk);
  },
);

it("a server without a disk of its own cannot have it filled", async () => {
  await using server = await startEmbeddedPostgres(request);
  expect(server.smallDisk).toBeUndefined();
  expect([...server.capabilities]).not.toContain("small-disk");
});
