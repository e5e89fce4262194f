import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { freePort } from "../../../src/environment/free-port.ts";
import { startEmbeddedPostgres } from "../../../src/environment/postgres/embedded.ts";
import { useTemporaryFolder } from "../temporary-folder.ts";

vi.mock(import("../../../src/environment/free-port.ts"), async (original) => {
  const { freePort: real } = await original();
  return { freePort: vi.fn<typeof real>(real) };
});

useTemporaryFolder();
const request = { server: "embedded", settings: {}, image: "" };
let squatter: Server;
let taken: number;

beforeAll(async () => {
  squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  taken = (squatter.address() as AddressInfo).port;
});
afterAll(() => {
  squatter.close();
});

test("a port that somebody took meanwhile is not insisted on", async () => {
  vi.mocked(freePort).mockResolvedValueOnce(taken);
  await using server = await startEmbeddedPostgres(request);
  expect(server.address.port).not.toBe(taken);
});

test("a port that is taken every time is one clear message, and leaves nothing", async () => {
  vi.mocked(freePort).mockResolvedValue(taken);
  await expect(startEmbeddedPostgres(request)).rejects.toMatchObject({
    kind: "environment",
    what: "PostgreSQL found its port in use",
    where: `127.0.0.1:${taken}`,
  });
});
