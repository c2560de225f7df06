import type { TextFormat } from "./option-rule.ts";

/** What a text must look like, and how to say so. */
export interface TextRule {
  accepts(text: string): boolean;
  /** Continues "must be …". */
  readonly description: string;
}

/** The checks that options name. Patterns are anchored and free of nested repetition. */
export const textFormats: Readonly<Record<TextFormat, TextRule>> = {
  functionName: pattern(
    /^[a-zA-Z0-9-_.]{1,64}$/,
    "a function name of 1 to 64 letters, digits, '-', '_' or '.'",
  ),
  functionVersion: pattern(
    /^(?:\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]{1,128})$/,
    "'$LATEST' or a version of at most 128 letters, digits, '-' or '_'",
  ),
  qualifier: pattern(
    /^(?:\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]{1,128})$/,
    "'$LATEST', a version number or an alias of at most 128 letters, digits, '-' or '_'",
  ),
  region: pattern(/^[a-z0-9-]{1,64}$/, "a region such as 'us-east-1'"),
  accountId: pattern(/^\d{12}$/, "an account id of twelve digits"),
  handler: pattern(/^\S{1,1024}$/, "a handler such as 'app.handler', without white space"),
  functionHandler: pattern(
    /^[a-zA-Z0-9-_.]{1,64}=\S{1,1024}$/,
    "NAME=HANDLER such as 'echo=src/app.handler', without white space",
  ),
  functionFile: pattern(
    /^[a-zA-Z0-9-_.]{1,64}=.+$/,
    "NAME=FILE such as 'echo=echo.env', with the name of a --function",
  ),
  queueProfile: pattern(
    /^(?:[^\s=]{1,255}=)?(?:compat|durable|quorum)$/i,
    "compat, durable or quorum, or NAME=PROFILE such as 'echo=durable'",
  ),
  host: pattern(/^[a-zA-Z0-9.:_%-]{1,255}$/, "a host name or an IP address"),
  origin: {
    accepts: isOrigin,
    description: "an origin such as 'http://localhost:3000', without a path",
  },
  url: { accepts: isHttpUrl, description: "a URL such as 'http://127.0.0.1:8080'" },
  variableName: pattern(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    "the name of a variable: letters, digits and '_', not starting with a digit",
  ),
  logName: pattern(
    /^[.\-_/#A-Za-z0-9$[\]]{1,512}$/,
    "1 to 512 letters, digits, '.', '-', '_', '/', '#', '$', '[' or ']'",
  ),
  folder: { accepts: (text) => text.trim() !== "", description: "the path of a folder" },
  json: { accepts: isJson, description: "JSON text" },
  tenantId: pattern(
    /^[a-zA-Z0-9._:/=+\-@ ]{1,256}$/,
    "1 to 256 letters, digits, spaces or '._:/=+-@'",
  ),
  amqpUri: pattern(
    /^amqps?:\/\/\S{0,4096}$/i,
    "a URI such as 'amqp://localhost:5672' or 'amqps://broker.example'",
  ),
  queue: pattern(/^(?=.*\S)[^\0\r\n]{1,4096}$/, "the name of a queue, or an address in one line"),
  queueName: {
    accepts: (text) =>
      text.trim() !== "" && Buffer.byteLength(text) <= 255 && !text.startsWith("amq."),
    description: "the name of a queue: at most 255 bytes, not starting with 'amq.'",
  },
  any: { accepts: () => true, description: "text" },
};

function pattern(expression: RegExp, description: string): TextRule {
  return { accepts: (text) => expression.test(text), description };
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, origin } = new URL(text);
  return (protocol === "http:" || protocol === "https:") && origin === text.toLowerCase();
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === "http:" || protocol === "https:";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
