/** One fenced block of a page, and what the test does with it. */
export interface ReadmeBlock {
  /** Line of the fence, from 1. */
  readonly line: number;
  readonly text: string;
  readonly action: ReadmeAction;
}

/** What the comment before a block says. */
export type ReadmeAction =
  /**
   * `<!-- test: serve [beside] [checkout] [until TEXT] -->`: start it, and keep it until the next one
   * starts that is not `beside` it. It is ready when it listens, or when it has written TEXT.
   */
  | ServeAction
  /** `<!-- test: run [checkout] -->`: run it to its end. */
  | { readonly kind: "run"; readonly inCheckout: boolean }
  /** `<!-- test: prints -->`: what the block before it wrote to standard output; `…` is anything. */
  | { readonly kind: "prints" }
  /** `<!-- test: file NAME -->`: a file of the reader's. */
  | { readonly kind: "file"; readonly name: string }
  /** `<!-- test: skip REASON -->`. */
  | { readonly kind: "skip"; readonly reason: string };

export interface ServeAction {
  readonly kind: "serve";
  readonly inCheckout: boolean;
  readonly beside: boolean;
  /** `undefined`: the port of the page. */
  readonly until: string | undefined;
}

const servePattern = /^serve( beside)?( checkout)?(?: until (.+))?$/;

/**
 * The fenced blocks of a page in order. Every one must say what the test does with it, so that none
 * is forgotten.
 *
 * @throws {TypeError} for a block without such a comment, or one that cannot be understood.
 */
export function readmeBlocks(markdown: string): readonly ReadmeBlock[] {
  const blocks: ReadmeBlock[] = [];
  const pattern = /(?:^<!-- test: (.*?) -->\n+)?^```\w*\n([\s\S]*?)^```$/gm;
  for (const match of markdown.matchAll(pattern)) {
    const [whole, comment, text = ""] = match;
    const before = markdown.slice(0, match.index) + whole.slice(0, whole.indexOf("```"));
    const line = before.split("\n").length;
    if (comment === undefined) throw new TypeError(`Cannot test line ${line}: it has no comment`);
    blocks.push({ line, text, action: parseAction(comment, line) });
  }
  return blocks;
}

function parseAction(comment: string, line: number): ReadmeAction {
  const serve = servePattern.exec(comment);
  if (serve !== null) {
    const [, beside, checkout, until] = serve;
    const inCheckout = checkout !== undefined;
    return { kind: "serve", inCheckout, beside: beside !== undefined, until };
  }
  const [kind = "", ...words] = comment.split(" ");
  const rest = words.join(" ");
  if (kind === "run" && ["", "checkout"].includes(rest)) {
    return { kind, inCheckout: rest === "checkout" };
  }
  if (kind === "prints" && rest === "") return { kind };
  if (kind === "file" && /^[\w.-]+$/.test(rest)) return { kind, name: rest };
  if (kind === "skip" && rest !== "") return { kind, reason: rest };
  throw new TypeError(`Cannot test line ${line}: '${comment}' is not understood`);
}

/** Whether an output is the one that the page shows, in which `…` stands for anything. */
export function isShown(output: string, shown: string): boolean {
  const parts = shown
    .trim()
    .split("…")
    .map((part) => escapePattern(part));
  return new RegExp(`^${parts.join("[^]*")}$`).test(output.trim());
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
