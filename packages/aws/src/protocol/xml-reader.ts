import { markErrorAnswer } from "./error-answer.ts";
import type { Member, StructureShape } from "../model/model.ts";
import type { CompileOptions, Output } from "./protocol.ts";
import { closeXmlReader } from "./xml-reader-closures.ts";
import { generateXmlReader } from "./xml-reader-source.ts";
import { type StructurePlan, type ValuePlan, XmlReadPlanner } from "./xml-read-plan.ts";
import { XmlScanner } from "./xml-scanner.ts";

/** What of `CompileOptions` decides how XML is read. */
export type XmlReaderOptions = Pick<CompileOptions, "generateCode">;

/** Reads the element whose start tag a scanner has read last. */
export type ReadElement<Value> = (scanner: XmlScanner) => Value;

/** Compiles the reader of an element that holds `members` of a structure. */
export function compileElementReader(
  plan: StructurePlan,
  options: XmlReaderOptions,
): ReadElement<Output> {
  return compileValueReader(plan, options) as ReadElement<Output>;
}

/** Compiles the reader of any value that is one element. */
export function compileValueReader(
  plan: ValuePlan,
  { generateCode }: XmlReaderOptions,
): ReadElement<unknown> {
  return generateCode ? generateXmlReader(plan) : closeXmlReader(plan);
}

/**
 * Compiles the reader of documents whose root element holds `members` of a structure; the root's
 * name does not matter, but `Error` is refused where the structure is no error itself. An empty
 * body gives an empty object.
 */
export function compileDocumentReader(
  shape: StructureShape,
  members: readonly Member[],
  options: XmlReaderOptions,
): (body: Buffer) => Output {
  const read = compileElementReader(new XmlReadPlanner().root(shape, members), options);
  const mayBeError = shape.error !== undefined;
  return (body) => (body.length === 0 ? {} : (readDocument(body, read, mayBeError) as Output));
}

/** Compiles the reader of documents that are one value; an empty body gives `undefined`. */
export function compilePayloadDocumentReader(
  payload: Member,
  options: XmlReaderOptions,
): (body: Buffer) => unknown {
  const read = compileValueReader(new XmlReadPlanner().value(payload.shape), options);
  return (body) => (body.length === 0 ? undefined : readDocument(body, read, false));
}

/**
 * Reads a whole document.
 * @throws ResponseParseError when it is not one, or `isErrorAnswer`.
 */
function readDocument(body: Buffer, read: ReadElement<unknown>, mayBeError: boolean): unknown {
  const scanner = new XmlScanner(body);
  scanner.root();
  if (!mayBeError) refuseErrorAnswer(scanner);
  const output = read(scanner);
  scanner.end();
  return output;
}

/** @throws ResponseParseError that `isErrorAnswer` knows, when the root element is an error. */
export function refuseErrorAnswer(scanner: XmlScanner): void {
  if (scanner.bytes[scanner.nameStart] !== 0x45) return;
  const name = scanner.name();
  if (name !== "Error" && name !== "ErrorResponse") return;
  throw markErrorAnswer(scanner.error("it is an error, though its status says success"));
}
