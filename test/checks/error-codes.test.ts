import { describe, expect, it } from "vitest";
import { isConnectionCode, isRefusal } from "../../src/checks/error-codes.ts";

describe("error codes", () => {
  it.each(["23505", "23514", "42P01", "22012", "P0001"])("%s is a refusal", (code) => {
    expect([isRefusal(code), isConnectionCode(code)]).toEqual([true, false]);
  });

  it.each(["40001", "40P01", "55P03", "53300", "25006"])("%s may work the next time", (code) => {
    expect([isRefusal(code), isConnectionCode(code)]).toEqual([false, false]);
  });

  it.each(["ECONNRESET", "CONNECTION-LOST", "08006", "57P01"])(
    "%s is a lost connection",
    (code) => {
      expect([isRefusal(code), isConnectionCode(code)]).toEqual([false, true]);
    },
  );

  it.each([undefined, "LOST-RACE"])("%s is neither", (code) => {
    expect([isRefusal(code), isConnectionCode(code)]).toEqual([false, false]);
  });
});
