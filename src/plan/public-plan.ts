import { redactUrl } from "../base/redact-url.ts";
import type { Plan } from "./plan.ts";

/** The plan as it may be written to a file or a terminal: without the passwords of the URLs it runs on. */
export function publicPlan(plan: Plan): Plan {
  const { environment } = plan.scenario;
  const postgres = redactUrl(environment.postgres);
  const toxiproxy = redactUrl(environment.toxiproxy);
  const scenario = { ...plan.scenario, environment: { ...environment, postgres, toxiproxy } };
  return { ...plan, scenario };
}
