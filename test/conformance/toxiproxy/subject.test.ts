import { expect, it } from "vitest";
import { skipReasons, subjects } from "./subject.ts";

/** So that a run without a real server says so, and why, instead of looking complete. */
it("the suite is exercised against the real Toxiproxy, as a program and in Docker, too", ({
  skip,
}) => {
  for (const reason of skipReasons) process.stderr.write(`${reason}\n`);
  skip(skipReasons.length > 0, skipReasons.join("; "));
  expect(subjects.map(({ kind }) => kind)).toEqual(["embedded", "real", "real"]);
});
