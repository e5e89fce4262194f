import fc from "fast-check";
import { expect, test } from "vitest";
import { redactUrl } from "../../src/base/redact-url.ts";

test.each([
  ["postgres://me:secret@host:5432/shop", "postgres://me:***@host:5432/shop"],
  ["postgres://me@host/shop", "postgres://me@host/shop"],
  ["postgres://host/shop?password=secret", "postgres://host/shop"],
  ["postgres://me:se@cr:et@host/shop", "postgres://me:***@host/shop"],
  ["postgres://me:secret?@host/shop", "postgres://me:***@host/shop"],
  ["me:secret@host", "me:***@host"],
  ["embedded", "embedded"],
])("%s is shown as %s", (text, shown) => {
  expect(redactUrl(text)).toBe(shown);
});

test("whatever the password, it is not shown", () => {
  const word = fc.string({ minLength: 12 }).map((text) => `<${text}>`);
  fc.assert(
    fc.property(word, (password) => {
      expect(redactUrl(`postgres://me:${password}@host/shop`)).not.toContain(password);
    }),
  );
});
