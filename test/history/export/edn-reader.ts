/** A reader of as much EDN as a history needs, on its own so that it does not share the writer's mistakes. Keywords come out as their names. */
export function readEdn(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): unknown {
    this.#skip();
    const next = this.#text[this.#at];
    if (next === "{") return Object.fromEntries(this.#pairs());
    if (next === "[") return this.#items("]");
    if (next === '"') return this.#string();
    return this.#word();
  }

  end(): void {
    this.#skip();
    if (this.#at < this.#text.length) throw new Error(`more after the value: ${this.#rest()}`);
  }

  #pairs(): [string, unknown][] {
    const items = this.#items("}");
    if (items.length % 2 === 1) throw new Error("a map with a key and no value");
    const pairs: [string, unknown][] = [];
    for (let at = 0; at < items.length; at += 2) pairs.push([String(items[at]), items[at + 1]]);
    return pairs;
  }

  #items(end: string): unknown[] {
    this.#at++;
    const items: unknown[] = [];
    for (this.#skip(); this.#text[this.#at] !== end; this.#skip()) items.push(this.value());
    this.#at++;
    return items;
  }

  #string(): string {
    const meant: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
    let text = "";
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#at >= this.#text.length) throw new Error("a string without an end");
      const character = this.#text[this.#at] as string;
      if (character !== "\\") text += character;
      else text += meant[this.#text[++this.#at] as string] ?? this.#text[this.#at];
    }
    this.#at++;
    return text;
  }

  #word(): unknown {
    const [word] = /^[^\s,{}[\]"]+/.exec(this.#rest()) ?? [];
    if (word === undefined) throw new Error(`no value: ${this.#rest()}`);
    this.#at += word.length;
    if (word === "nil") return null;
    if (word === "true" || word === "false") return word === "true";
    if (/^:[a-zA-Z*!_?<>=$%&]/.test(word)) return word.slice(1);
    if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(word)) return Number(word);
    throw new Error(`not EDN: ${word}`);
  }

  #skip(): void {
    while (/[\s,]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #rest(): string {
    return this.#text.slice(this.#at);
  }
}
