import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageFramer } from "../../../src/proxy/postgres/framing.ts";
import { message, wire } from "./wire.ts";

const newFramer = (headBodyBytes = 16): MessageFramer =>
  new MessageFramer({ headBodyBytes, untyped: true, noted: "QX" });

interface Parsed {
  readonly messages: readonly string[];
  readonly bytes: Buffer;
}

/** The messages seen and the bytes handed out, however the stream is cut into chunks. */
function parse(chunks: readonly Buffer[], framer = newFramer()): Parsed {
  const messages: string[] = [];
  const bytes: Buffer[] = [];
  for (const chunk of chunks) {
    for (const piece of framer.feed(chunk)) {
      bytes.push(piece.bytes);
      if (piece.kind === "body") continue;
      const { type, totalBytes, body } = piece.message;
      messages.push(`${type} ${totalBytes} ${body.toString("hex")}`);
      if (type === "") framer.expectUntyped(false);
    }
  }
  bytes.push(framer.release());
  return { messages, bytes: Buffer.concat(bytes) };
}

/** Cuts at the given places, given as fractions of the length. */
function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const ends = places.map((place) => Math.floor(place * stream.length));
  const sorted = [0, ...ends.toSorted((a, b) => a - b), stream.length];
  return sorted.slice(1).map((end, i) => stream.subarray(sorted[i], end));
}

const anyMessage = fc
  .tuple(fc.constantFrom("Q", "P", "B", "d", "X"), fc.uint8Array({ maxLength: 60 }))
  .map(([type, body]) => message(type, Buffer.from(body)));
const anyStream = fc
  .array(anyMessage, { maxLength: 12 })
  .map((messages) => Buffer.concat([wire.startup(), ...messages]));
const anyPlaces = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

describe("MessageFramer", () => {
  it("sees the startup packet, then typed messages", () => {
    const stream = Buffer.concat([wire.startup(), wire.query("SELECT 1"), wire.sync()]);
    expect(parse([stream]).messages.map((text) => text.split(" ")[0])).toEqual(["", "Q", "S"]);
  });

  it("finds the same messages however the stream is cut into chunks", () => {
    fc.assert(
      fc.property(anyStream, anyPlaces, (stream, places) => {
        expect(parse(cut(stream, places)).messages).toEqual(parse([stream]).messages);
      }),
    );
  });

  it("hands out every byte once and in order", () => {
    fc.assert(
      fc.property(anyStream, anyPlaces, (stream, places) => {
        expect(parse(cut(stream, places)).bytes).toEqual(stream);
      }),
    );
  });

  it("hands out every byte of what is not PostgreSQL, and never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), anyPlaces, (noise, places) => {
        const stream = Buffer.from(noise);
        expect(parse(cut(stream, places)).bytes).toEqual(stream);
      }),
    );
  });

  it("observes the messages of the noted types, however the stream is cut into chunks", () => {
    fc.assert(
      fc.property(anyStream, anyPlaces, (stream, places) => {
        const observed: string[] = [];
        const framer = newFramer();
        for (const chunk of cut(stream, places)) {
          framer.observe(chunk, ({ type, totalBytes, body }) => {
            observed.push(`${type} ${totalBytes} ${body.toString("hex")}`);
            framer.expectUntyped(false);
          });
        }
        const noted = parse([stream]).messages.filter((text) => /^[QX]? /.test(text));
        expect(observed).toEqual(noted);
        expect(framer.release()).toHaveLength(0);
      }),
    );
  });

  it("goes over from observing to reading in the middle of a message", () => {
    fc.assert(
      fc.property(anyStream, fc.double({ min: 0, max: 1, noNaN: true }), (stream, place) => {
        const [observed, read] = cut(stream, [place]) as [Buffer, Buffer];
        const framer = newFramer();
        framer.observe(observed, () => framer.expectUntyped(false));
        expect(parse([read], framer).bytes).toEqual(read);
        expect(framer.broken).toBe(false);
      }),
    );
  });

  it("keeps no more of a message than its head", () => {
    const framer = newFramer(16);
    parse([wire.startup()], framer);
    const large = wire.query("x".repeat(1_000_000));
    expect([...framer.feed(large.subarray(0, 20))]).toEqual([]);
    expect([...framer.feed(large.subarray(20, 500_000))].map(({ kind }) => kind)).toEqual([
      "head",
      "body",
    ]);
    expect(framer.release()).toHaveLength(0);
  });

  it("does not hand out again what was released while it was carried", () => {
    const framer = newFramer();
    const query = wire.query("SELECT 1");
    parse([wire.startup()], framer);
    expect([...framer.feed(query.subarray(0, 7))]).toEqual([]);
    expect(framer.release()).toEqual(query.subarray(0, 7));
    const pieces = [...framer.feed(query.subarray(7))];
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes))).toEqual(query.subarray(7));
  });

  it.each([
    ["a length below that of the length itself", message("Q").fill(0, 1)],
    ["a length beyond PostgreSQL's limit", Buffer.from("Q\x7f\xff\xff\xff", "latin1")],
    ["a type that is no character", Buffer.from([1, 0, 0, 0, 4])],
  ])("gives up on %s", (_what, bytes) => {
    const framer = newFramer();
    parse([wire.startup(), bytes], framer);
    expect(framer.broken).toBe(true);
  });
});
