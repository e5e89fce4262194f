import { randomBytes } from "node:crypto";

const alphabet = "0123456789abcdefghijklmnopqrstuv";

/** Ids of 20 characters in the form of an xid: 12 bytes in base 32, ascending within one server. */
export function requestIds(): () => string {
  const server = randomBytes(8);
  let counter = 0;
  return () => {
    const bytes = Buffer.alloc(12);
    server.copy(bytes);
    bytes.writeUInt32BE(counter++ >>> 0, 8);
    return base32(bytes);
  };
}

function base32(bytes: Buffer): string {
  let text = "";
  for (let bit = 0; bit < bytes.length * 8; bit += 5) {
    const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    text += alphabet[(pair >> (11 - (bit & 7))) & 31];
  }
  return text;
}
