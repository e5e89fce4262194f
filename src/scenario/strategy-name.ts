import { basename } from "node:path";

/**
 * What a strategy is called where it is referred to: the name itself, or the base name of a file of the user's own
 * without its ending ("./queue/mine.sql" → "mine", and so of a module). What stands after a "+" belongs to it ("mine+complete-unfenced").
 */
export function strategyName(reference: string): string {
  return reference
    .split("+")
    .map((part) => basename(part).replace(/\.(sql|[cm]?js)$/, ""))
    .join("+");
}
