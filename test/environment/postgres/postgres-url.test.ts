import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parsePostgresUrl } from "../../../src/environment/postgres/postgres-url.ts";

beforeEach(() => {
  vi.stubEnv("PGUSER", undefined);
  vi.stubEnv("PGPASSWORD", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test("every part of a URL", () => {
  expect(parsePostgresUrl("postgresql://me:p%40ss@db.example:6543/shop?sslmode=require")).toEqual({
    host: "db.example",
    port: 6543,
    user: "me",
    password: "p@ss",
    database: "shop",
    ssl: { rejectUnauthorized: false },
  });
});

test.each([
  ["disable", false],
  ["prefer", false],
  ["require", { rejectUnauthorized: false }],
  ["verify-ca", { rejectUnauthorized: true, servername: "db.example" }],
  ["verify-full", { rejectUnauthorized: true, servername: "db.example" }],
])("sslmode=%s", (mode, ssl) => {
  expect(parsePostgresUrl(`postgres://db.example/x?sslmode=${mode}`).ssl).toEqual(ssl);
});

test("what is left out", () => {
  expect(parsePostgresUrl("postgres://db")).toEqual({
    host: "db",
    port: 5432,
    user: "postgres",
    password: undefined,
    database: "postgres",
    ssl: false,
  });
  expect(parsePostgresUrl("postgres://me@[::1]")).toMatchObject({ host: "::1", database: "me" });
});

test("the password may come from PGPASSWORD", () => {
  vi.stubEnv("PGPASSWORD", "hidden");
  expect(parsePostgresUrl("postgres://me@db/x").password).toBe("hidden");
  expect(parsePostgresUrl("postgres://me:shown@db/x").password).toBe("shown");
});

test.each([
  ["mysql://me:secret@db/x", /no URL of a PostgreSQL/],
  ["postgres://me:secret@db:port/x", /no URL of a PostgreSQL/],
  ["postgres:///x", /names no host/],
  ["postgres://me:secret@db/x?sslmode=maybe", /sslmode is one of/],
  ["postgres://me:secret@db/x?target=any", /"target" is not understood/],
  ["postgres://me:%zz-secret@db/x", /hexadecimal/],
])("%s is bad usage, told without the password", (url, message) => {
  const parse = (): unknown => parsePostgresUrl(url);
  expect(parse).toThrow(message);
  expect(parse).toThrow(expect.objectContaining({ kind: "usage" }));
  expect(parse).not.toThrow(/secret/);
});
