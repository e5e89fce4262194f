import { packageVersion } from "../base/package-root.ts";

/** The Toxiproxy whose API this is, and a suffix by which clients can tell the two apart. */
export function serverVersion(): string {
  return `2.12.0-doubletake.${packageVersion()}`;
}
