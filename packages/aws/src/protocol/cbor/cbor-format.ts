import type { Member, StructureShape } from "../../model/model.ts";
import { headerOf } from "../error-shape.ts";
import type { BodyFormat, ErrorBody } from "../http-binding.ts";
import { parseError } from "../json-document.ts";
import { compileReader } from "../json-reader.ts";
import { type ReadNode, ReadPlanner } from "../json-read-plan.ts";
import { cborScalarRules, type ValueReader } from "../json-value.ts";
import { WritePlanner } from "../json-write-plan.ts";
import type { BufferedResponse, CompileOptions, Output } from "../protocol.ts";
import { decodeCbor } from "./cbor-decoder.ts";
import { cborScalar, type CborScalar } from "./cbor-encoder.ts";
import { compileCborWriter } from "./cbor-writer.ts";

/** Documents in CBOR; the same plans as for JSON. */
export function cborFormat({ generateCode, newToken }: CompileOptions): BodyFormat {
  return {
    contentType: "application/cbor",
    emptyBody: undefined,
    compileBody(_operation, input, members) {
      return compileCborWriter(writePlanner().structure(input, members), newToken);
    },
    compilePayload(_operation, _input, payload) {
      return compileCborWriter(writePlanner().node(payload), newToken);
    },
    compileBodyReader(shape: StructureShape, members: readonly Member[]) {
      const read = compileDocument(readPlanner().structure(shape, members), generateCode);
      return (body) => (read(body) ?? {}) as Output;
    },
    compilePayloadReader(_shape: StructureShape, payload: Member) {
      return compileDocument(readPlanner().node(payload), generateCode);
    },
    readError: readCborError,
  };
}

function writePlanner(): WritePlanner<CborScalar> {
  return new WritePlanner({ scalar: cborScalar, wireNames: false });
}

function readPlanner(): ReadPlanner {
  return new ReadPlanner({ scalar: cborScalarRules, wireNames: false });
}

/** Reads a document; `undefined` for no bytes or `null`. The reader throws `ResponseParseError`. */
function compileDocument(node: ReadNode, generateCode: boolean): (body: Buffer) => unknown {
  const plain = compileReader(node, "plain", generateCode) ?? asIs;
  let full: ValueReader | undefined;
  return (body) => {
    if (body.length === 0) return undefined;
    try {
      const { value, hasNull } = decodeCbor(body);
      if (value === null) return undefined;
      if (node.kind === "structure" && (typeof value !== "object" || Array.isArray(value))) {
        throw new TypeError("the body is no CBOR map");
      }
      if (!hasNull) return plain(value);
      full ??= compileReader(node, "full", generateCode) ?? asIs;
      return full(value);
    } catch (error) {
      throw parseError(body, error);
    }
  };
}

function asIs(value: unknown): unknown {
  return value;
}

/** An answer without the protocol's header is an error of unknown form. */
function readCborError({ headers, body }: BufferedResponse): ErrorBody {
  const unknown = { code: undefined, message: undefined, document: Buffer.alloc(0) };
  if (headerOf(headers, "smithy-protocol") !== "rpc-v2-cbor") return unknown;
  try {
    const { value } = decodeCbor(body);
    const members = (typeof value === "object" && value !== null ? value : {}) as Output;
    return {
      code: text(members["__type"]),
      message: text(members["message"]) ?? text(members["Message"]),
      document: body,
    };
  } catch {
    return unknown;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
