import { expect, it } from "vitest";
import type { ClaimService } from "../../../src/service/http/claim-service.ts";
import { orderedService } from "../../../src/service/http/ordered-service.ts";
import type { Outcome } from "../../../src/service/outcome.ts";

/** A service of which only the operations that a test gives are used. */
function serviceWith(operations: Partial<ClaimService>): ClaimService {
  return operations as ClaimService;
}

/** An answer that comes when the test says so. */
function held(): { readonly promise: Promise<Outcome<never>>; readonly release: () => void } {
  let release = (): void => undefined;
  const promise = new Promise<Outcome<never>>((resolve) => {
    release = () => resolve({ kind: "empty" });
  });
  return { promise, release };
}

it("tells a bot what it holds only when what it asked for before is done", async () => {
  const said: string[] = [];
  const claiming = held();
  const service = orderedService(
    serviceWith({
      claim: async (bot) => {
        const outcome = await claiming.promise;
        said.push(`claim of ${bot}`);
        return outcome;
      },
      resume: async (bot) => {
        said.push(`resume of ${bot}`);
        return { kind: "empty" };
      },
    }),
  );
  const claimed = service.claim(1, { limit: 1, types: null });
  const resumed = service.resume(1);
  await service.resume(2);
  expect(said).toEqual(["resume of 2"]);
  claiming.release();
  await Promise.all([claimed, resumed]);
  expect(said).toEqual(["resume of 2", "claim of 1", "resume of 1"]);
});

it("refuses a bot that asks for more and more, and goes on when it has been answered", async () => {
  const first = held();
  const service = orderedService(serviceWith({ resume: () => first.promise }));
  const asked = Array.from({ length: 64 }, () => service.resume(1));
  expect(await service.resume(1)).toMatchObject({ kind: "failed", code: "TOO-MANY-AT-ONCE" });
  first.release();
  await Promise.all(asked);
  expect(await service.resume(1)).toEqual({ kind: "empty" });
});
