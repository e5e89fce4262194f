import fc from "fast-check";
import type { ModelOptions } from "./legal-model.ts";

/** Every kind of legal history there is. */
export const modelOptions: fc.Arbitrary<ModelOptions> = fc.record({
  seed: fc.nat(),
  bots: fc.integer({ min: 2, max: 6 }),
  jobs: fc.integer({ min: 1, max: 15 }),
  steps: fc.integer({ min: 0, max: 300 }),
  tellsAttempt: fc.boolean(),
  limit: fc.integer({ min: 1, max: 3 }),
  losses: fc.constantFrom(0, 0.05, 0.3),
  rescues: fc.constantFrom(0, 0.05, 0.3),
  leaseMs: fc.constantFrom(null, 5, 20, 60),
  takesExpired: fc.boolean(),
  retryMs: fc.constantFrom(0, 10, 50),
  maxAttempts: fc.integer({ min: 1, max: 4 }),
  keys: fc.integer({ min: 0, max: 3 }),
});
