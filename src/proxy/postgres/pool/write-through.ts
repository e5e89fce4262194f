import type { Socket } from "node:net";

/** More than this in the destination's own buffer stops the reading of the source. */
const bufferBytes = 64 * 1024;

/** Writes what was read from `source` to `destination`, at the pace at which the latter takes it. */
export function writeThrough(source: Socket | undefined, destination: Socket, bytes: Buffer): void {
  if (bytes.length === 0 || !destination.writable) return;
  destination.write(bytes);
  if (source === undefined || source.isPaused()) return;
  if (destination.writableLength <= bufferBytes) return;
  source.pause();
  const goOn = (): void => {
    destination.removeListener("drain", goOn);
    destination.removeListener("close", goOn);
    source.resume();
  };
  destination.on("drain", goOn);
  destination.on("close", goOn);
}
