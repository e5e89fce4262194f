import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifyError, endsConnection } from "../../src/service/outcome.ts";
import type { Progress } from "../../src/service/outcome.ts";

const alone: Progress = {
  sent: true,
  committing: false,
  committedBefore: false,
  inTransaction: false,
};
const lost = new Error("Connection terminated unexpectedly");
const coded = (code: string): Error => Object.assign(new Error(code), { code });

describe("what an error says about the operation", () => {
  it("a connection lost under a statement that commits by itself: unknown", () => {
    expect(classifyError(lost, alone)).toMatchObject({ kind: "unknown", code: "CONNECTION-LOST" });
    expect(classifyError(coded("ECONNRESET"), alone).kind).toBe("unknown");
  });

  it("a connection lost inside a transaction before its COMMIT was sent: failed", () => {
    expect(classifyError(lost, { ...alone, inTransaction: true }).kind).toBe("failed");
  });

  it("a connection lost after COMMIT was sent: unknown", () => {
    const committing = { ...alone, inTransaction: true, committing: true };
    expect(classifyError(lost, committing).kind).toBe("unknown");
    expect(classifyError(coded("57P01"), committing).kind).toBe("unknown");
  });

  it("COMMIT refused for a conflict or a constraint: failed", () => {
    const committing = { ...alone, inTransaction: true, committing: true };
    expect(classifyError(coded("40001"), committing)).toMatchObject({
      kind: "failed",
      retryable: true,
    });
    expect(classifyError(coded("23503"), committing)).toMatchObject({
      kind: "failed",
      retryable: false,
    });
  });

  it("an error answer to a statement that commits by itself: failed, it was rolled back", () => {
    expect(classifyError(coded("57P01"), alone).kind).toBe("failed");
    expect(classifyError(coded("23505"), alone).kind).toBe("failed");
  });

  it("never sent: failed", () => {
    expect(classifyError(coded("ECONNREFUSED"), { ...alone, sent: false }).kind).toBe("failed");
  });

  it.each(["40001", "40P01", "55P03"])("%s is a conflict to retry", (code) => {
    expect(classifyError(coded(code), alone).retryable).toBe(true);
  });

  it("a conflict after a step that has committed is not retried: the claim is half done", () => {
    const halfDone = { ...alone, committedBefore: true };
    expect(classifyError(coded("40001"), halfDone)).toMatchObject({
      kind: "unknown",
      retryable: false,
    });
  });

  it("what may have happened is never called failed", () => {
    const anyProgress = fc.record({
      sent: fc.boolean(),
      committing: fc.boolean(),
      committedBefore: fc.boolean(),
      inTransaction: fc.boolean(),
    });
    fc.assert(
      fc.property(anyProgress, (progress) => {
        const mayHaveHappened =
          progress.committedBefore ||
          (progress.sent && (progress.committing || !progress.inTransaction));
        expect(classifyError(lost, progress).kind).toBe(mayHaveHappened ? "unknown" : "failed");
      }),
    );
  });

  it("tells which errors end the connection", () => {
    expect(["57P01", "57P03", "08006", "ECONNRESET", ""].every(endsConnection)).toBe(true);
    expect(["23505", "40001", "57014"].some(endsConnection)).toBe(false);
  });
});
