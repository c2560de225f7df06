/** How long the text of a comment may be. */
const lengthMax = 160;

const entities: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": " ",
};

/** The first sentence of botocore's documentation as plain text; empty when it says nothing. */
export function summary(documentation: string | undefined): string {
  const text = (documentation ?? "")
    .replaceAll(/<!--.*?-->|<fullname>.*?<\/fullname>/gs, " ")
    .replaceAll(/<\/?(?:code|b|i|a|em|span)\b[^>]*>/g, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&(?:\w+|#39);/g, (entity) => entities[entity] ?? entity)
    .replaceAll(/\s+/g, " ")
    .trim();
  const sentence = /^.*?[^.]\.(?= [A-Z]|$)/.exec(text)?.[0] ?? text;
  if (sentence.length <= lengthMax) return escapeComment(sentence);
  return escapeComment(`${sentence.slice(0, sentence.lastIndexOf(" ", lengthMax - 2))} …`);
}

function escapeComment(text: string): string {
  return text.replaceAll("*/", "* /").replaceAll(/@(?=\w)/g, "@\u200b");
}
