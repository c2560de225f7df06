import type { ErrorBody } from "./http-binding.ts";
import { XmlScanner } from "./xml-scanner.ts";

/** What the elements of an error say. */
interface ErrorElements {
  code: string | undefined;
  message: string | undefined;
  type: string | undefined;
  requestId: string | undefined;
  extra: Record<string, string> | undefined;
  document: Buffer;
}

/**
 * Reads the error in an XML body: `ErrorResponse/Error`, `Response/Errors/Error`, or S3's bare
 * `Error`. Never throws: what has been read before a fault in the body counts.
 */
export function readXmlError(body: Buffer): ErrorBody {
  const found: ErrorElements = {
    code: undefined,
    message: undefined,
    type: undefined,
    requestId: undefined,
    extra: undefined,
    document: body,
  };
  try {
    const scanner = new XmlScanner(body);
    scanner.root();
    const root = scanner.name();
    if (root === "Error") readError(scanner, found);
    else {
      readEnvelope(scanner, found);
      // Route 53 has an error whose name is that of the root element.
      if (found.message !== undefined) found.code ??= root;
    }
  } catch {
    // A body of another form has no code; the status then speaks for it.
  }
  const { code, message, requestId, extra, document } = found;
  return { code, message, requestId, extra, document, fault: faultOf(found.type) };
}

/** What is around an error: it may also hold the request id. */
function readEnvelope(scanner: XmlScanner, found: ErrorElements): void {
  scanner.enter();
  while (scanner.next()) {
    const name = scanner.name();
    if (name === "Error" && found.code === undefined) readError(scanner, found);
    else if (name === "Errors") readEnvelope(scanner, found);
    else if (name === "Messages") readMessages(scanner, found);
    else if (isRequestId(name)) found.requestId = scanner.text();
    else scanner.skip();
  }
}

function readMessages(scanner: XmlScanner, found: ErrorElements): void {
  scanner.enter();
  while (scanner.next()) {
    const text = scanner.text();
    found.message = found.message === undefined ? text : `${found.message}; ${text}`;
  }
}

function readError(scanner: XmlScanner, found: ErrorElements): void {
  const start = scanner.tagPosition;
  scanner.enter();
  while (scanner.next()) {
    const name = scanner.name();
    if (name === "Code") found.code = scanner.text().trim();
    else if (name === "Message" || name === "message") found.message = scanner.text();
    else if (isRequestId(name)) found.requestId = scanner.text();
    else if (isLeaf(scanner)) {
      const text = scanner.text();
      if (text === "") continue;
      if (name === "Type") found.type = text.trim();
      found.extra ??= Object.create(null) as Record<string, string>;
      found.extra[name] = text;
    } else scanner.skip();
  }
  found.document = scanner.bytes.subarray(start, scanner.position);
}

/** The current element holds no other. */
function isLeaf(scanner: XmlScanner): boolean {
  const at = scanner.bytes.indexOf(0x3c, scanner.position);
  return at < 0 || scanner.bytes[at + 1] === 0x2f || scanner.bytes[at + 1] === 0x21;
}

function isRequestId(name: string): boolean {
  return name === "RequestId" || name === "RequestID" || name === "requestId";
}

function faultOf(type: string | undefined): "client" | "server" | undefined {
  if (type === "Sender") return "client";
  return type === "Receiver" ? "server" : undefined;
}
