import { expect, it } from "vitest";
import { skipReason, subjects } from "./subject.ts";

/** So that a run without the real server says so, and why, instead of looking complete. */
it("the suite is exercised against the real Toxiproxy, too", ({ skip }) => {
  if (skipReason !== undefined) process.stderr.write(`${skipReason}\n`);
  skip(skipReason !== undefined, skipReason);
  expect(subjects.map(({ kind }) => kind)).toEqual(
    process.env["TOXIPROXY_IMAGE"] === undefined
      ? ["embedded", "real"]
      : ["embedded", "real", "real"],
  );
});
