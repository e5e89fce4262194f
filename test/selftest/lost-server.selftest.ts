import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { BorrowedServers, nothing, scenario } from "../end-to-end/borrowed-servers.ts";
import { Workplace } from "../end-to-end/command.ts";
import { processesWith } from "../environment/processes.ts";

/** It takes half a minute: the run gives a server time to come back, and a slot time to be dropped. */
it(
  "a server that is gone for good ends the run with one message, and the next start removes what it left",
  { timeout: 240_000 },
  async () => {
    await using servers = await BorrowedServers.start();
    using place = new Workplace();
    const command = await servers.startWithFaults(place);
    await servers.postgres.crash();
    const result = await command.ended;
    expect(result.exitCode, result.stderr).toBe(69);
    expect(result.stderr).toContain("the server is gone in the middle of the run");
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(await servers.proxies()).toBe(0);
    expect(place.leftovers()).toEqual([]);
    expect(processesWith(place.path)).toEqual([]);

    await servers.restart();
    expect(await servers.traces()).toMatchObject({ schemas: 1, slots: 1, settings: 1 });
    const file = join(place.path, "next.yaml");
    writeFileSync(file, scenario(60));
    const next = await place.run("run", file, ...servers.options());
    expect(next.exitCode, next.stdout + next.stderr).toBe(0);
    expect(await servers.traces()).toEqual(nothing);
  },
);
