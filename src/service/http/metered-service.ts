import type { ClaimService } from "./claim-service.ts";
import type { ServiceMetrics } from "./service-metrics.ts";

/** The service with every operation of a bot counted by its outcome. */
export function meteredService(service: ClaimService, metrics: ServiceMetrics): ClaimService {
  return {
    enqueue: (count, deck) => service.enqueue(count, deck),
    claim: async (bot, wish) => metrics.observe("claim", await service.claim(bot, wish)),
    start: async (bot, claim) => metrics.observe("start", await service.start(bot, claim)),
    heartbeat: async (claimed) => metrics.observe("heartbeat", await service.heartbeat(claimed)),
    settle: async (claimed, settlement) =>
      metrics.observe(settlement.kind, await service.settle(claimed, settlement)),
    resume: async (bot) => metrics.observe("resume", await service.resume(bot)),
    rescue: async () => metrics.observe("rescue", await service.rescue()),
    deadLetters: () => service.deadLetters(),
    redrive: async (jobs) => metrics.observe("redrive", await service.redrive(jobs)),
  };
}
