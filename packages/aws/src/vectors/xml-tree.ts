/** An element, for comparison: attributes in the order of their names, white space around stripped. */
export interface XmlTree {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly XmlTree[];
}

const TOKEN =
  /<\?[^]*?\?>|<!--[^]*?-->|<\/([^\s>]+)\s*>|<([^\s/>]+)((?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/gy;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** Parses what a serialiser wrote, independently of the package's own reader. */
export function xmlTree(source: string): XmlTree {
  const root = open("");
  const stack = [root];
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    end = match.index + match[0].length;
    const [, closing, opening, attributes = "", selfClosing, text] = match;
    const top = stack.at(-1) ?? root;
    if (text !== undefined) top.text += decode(text);
    else if (closing !== undefined) {
      if (stack.pop()?.name !== closing) throw new Error(`"</${closing}>" closes another element`);
    } else if (opening !== undefined) {
      const child = open(opening);
      for (const [, name = "", double, single] of attributes.matchAll(ATTRIBUTE)) {
        child.attributes[name] = decode(double ?? single ?? "");
      }
      top.children.push(child);
      if (selfClosing === "") stack.push(child);
    }
  }
  if (end !== source.length || stack.length !== 1) throw new Error(`"${source}" is not XML`);
  return stripped(root);
}

interface OpenTree {
  readonly name: string;
  readonly attributes: Record<string, string>;
  text: string;
  readonly children: OpenTree[];
}

function open(name: string): OpenTree {
  return { name, attributes: {}, text: "", children: [] };
}

function stripped({ name, attributes, text, children }: OpenTree): XmlTree {
  return { name, attributes, text: text.trim(), children: children.map(stripped) };
}

const NAMED: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(String(hex), 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return NAMED[String(name)] ?? whole;
  });
}
