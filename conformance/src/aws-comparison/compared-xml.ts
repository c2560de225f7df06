interface Element {
  readonly open: string;
  readonly name: string;
  readonly children: Element[];
  text: string;
}

/**
 * XML in the form in which two are compared: the order of attributes and of elements of different names
 * has no meaning in AWS's protocols; `<a/>` is `<a></a>`, and `&#x0A;` is `&#xA;`.
 */
export function comparedXml(xml: string): string {
  const root: Element = { open: "", name: "", children: [], text: "" };
  const path: Element[] = [root];
  for (const [whole, tag] of xml.matchAll(/<([^<>]+)>|[^<>]+/g)) {
    const element = path.at(-1) ?? root;
    if (tag === undefined) element.text += sameReferences(whole);
    else if (tag.startsWith("?")) continue;
    else if (tag.startsWith("/")) path.pop();
    else {
      const child = openElement(tag.replace(/\/$/, ""));
      element.children.push(child);
      if (!tag.endsWith("/")) path.push(child);
    }
  }
  return write(root);
}

function openElement(tag: string): Element {
  const [name = ""] = tag.split(/\s/, 1);
  const attributes = tag.match(/[\w:]+="[^"]*"/g)?.toSorted() ?? [];
  return { open: [name, ...attributes].join(" "), name, children: [], text: "" };
}

function sameReferences(text: string): string {
  return text.replaceAll(/&#x0*([0-9A-Fa-f]+);/g, (_, hex: string) => `&#x${hex.toUpperCase()};`);
}

function write({ open, name, children, text }: Element): string {
  // The order of elements of one name is that of a list.
  const inner = children.toSorted(
    (one, other) => Number(one.name > other.name) || -1 * Number(one.name < other.name),
  );
  const content = text + inner.map(write).join("");
  return name === "" ? content : `<${open}>${content}</${name}>`;
}
