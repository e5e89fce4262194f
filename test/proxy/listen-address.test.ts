import { describe, expect, it } from "vitest";
import { joinHostPort, resolveListen, splitHostPort } from "../../src/proxy/listen-address.ts";
import { leadsBack } from "../../src/proxy/loop.ts";

describe("splitHostPort", () => {
  it.each([
    ["localhost:80", "localhost", 80],
    [":80", "", 80],
    ["[::1]:80", "::1", 80],
    ["127.0.0.1:", "127.0.0.1", 0],
  ])("splits %s", (address, host, port) => {
    expect(splitHostPort(address)).toEqual({ host, port });
  });

  it.each([
    ["local373", "address local373: missing port in address"],
    ["::1:80", "address ::1:80: too many colons in address"],
    ["a:99999", "address 99999: invalid port"],
    ["a:-1", "address -1: invalid port"],
    ["a:http-alt", "lookup tcp/http-alt: unknown port"],
  ])("refuses %s", (address, message) => {
    expect(() => splitHostPort(address)).toThrow(message);
  });
});

describe("resolveListen", () => {
  it.each([
    ["", "[::]:0"],
    [":80", "[::]:80"],
    ["0.0.0.0:80", "[::]:80"],
    ["localhost:80", "127.0.0.1:80"],
    ["[::1]:80", "[::1]:80"],
  ])("%j is %s", async (address, expected) => {
    const { host, port } = await resolveListen(address);
    expect(joinHostPort(host, port)).toBe(expected);
  });
});

describe("leadsBack", () => {
  const hop = (listen: string, upstream: string) => ({ listen, upstream });

  it.each([
    [true, hop("127.0.0.1:1", "127.0.0.1:1"), []],
    [true, hop("127.0.0.1:1", "localhost:1"), []],
    [true, hop("[::]:1", "127.0.0.1:1"), []],
    [true, hop("127.0.0.1:1", "127.0.0.1:2"), [hop("127.0.0.1:2", "127.0.0.1:1")]],
    [true, hop("127.0.0.1:1", "127.0.0.1:2"), [hop("127.0.0.1:2", "127.0.0.1:2")]],
    [false, hop("127.0.0.1:1", "127.0.0.1:2"), [hop("127.0.0.1:2", "127.0.0.1:3")]],
    [false, hop("127.0.0.1:5432", "database.example:5432"), []],
    [false, hop("[::]:5432", "192.0.2.1:5432"), []],
    [false, hop("127.0.0.1:1", "nowhere"), []],
  ])("%s for %j beside %j", (expected, proxy, others) => {
    expect(leadsBack(proxy, [proxy, ...others])).toBe(expected);
  });
});
